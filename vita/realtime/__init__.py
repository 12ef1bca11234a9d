"""The OpenAI Realtime protocol over ``vita.duplex``.

What is ours beyond the protocol, for clients that ask for it with ``/v1/realtime?vita_events=1``. Each is
``{"type": "vita.<name>", "data": {...}}``; times are seconds, engines are numbers in the order of ``vita.engines``.

    engines    their names, stages and notes, at the beginning and whenever one is lost or back
    queue      {position} while no place is free, 1 being next
    phase      {phase, voice, at_ms}: listening, deciding, speaking, overlap, deciding_in_overlap; is a voice heard
    duck       {on}: play quietly, or loudly again
    deciding   {decision, engine, item_id}
    state      {state, engine, seconds}: the state token (AUDIO_QUERY, NOISE or null) and what it took
    dismissed  {item_id, why}: noise, short, failed or dropped
    roles      {generator, monitor, answer, item_id}: an answer begins; names of engines
    warming    {engine}: it prefills the history
    cut        {answer, item_id}: stop playing this item, drop what is queued of it and whatever still comes
    heard      {item_id, heard, text, samples}: what the history keeps; the rest of the text is to be struck out
    frames     {item_id, frames}: which image items went with it, as the frames of one clip
    timing     {speech_end, decided, first_token, first_sound, played, cut, underruns} of a turn, by one clock

A user's message of images alone is what a camera sees: of those that come during an utterance and shortly before, up
to ``session.vita.frames`` (4) are one clip of untiled frames in front of it, which leaves the prompt with the next
turn. An image with ``detail`` "high", or with text, is a picture: it is cut into tiles and stays.

Such a client may send ``vita.played`` {item_id, samples} with all that it has played of an answer (24 kHz), and
settings of its own in ``session.update`` under ``session.vita`` (``config.VitaConfig``). Any client may come back
within 30 s with ``?resume=<session id>``.
"""
