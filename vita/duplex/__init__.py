"""The duplex conversation: turn detection, barge-in and playout over the engines. Read in this order:

``conversation_events`` (what happens), ``driver_commands`` and ``client_notices`` (what the machine orders and tells),
``conversation_history``, ``conversation_state``, ``response_lifecycle``, ``turn_taking`` and ``conversation_machine``
(the pure state machine); then what carries it out: ``audio_input``, ``context_window`` (requests to the engines),
``answer_stream``, ``history_prefill`` (prefix caching), ``turn_decision`` and ``preemptive_tts`` (before the turn is
over), ``speech_playout``, ``client_outbox``, and ``conversation_driver``, which drives all of it for one conversation.
A watch is ``watch_goal`` (what for), ``sight_rule`` (what counts as seen), ``watch_asking``, ``watch_state``,
``watching`` (its part of the machine) and ``frame_watch`` (its part of the driver).
"""
