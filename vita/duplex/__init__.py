"""Talking with VITA and interrupting it. Read in this order:

``events`` and ``actions`` (what happens, what is asked for), ``history`` (what was said and heard), ``conversation``,
``speaking``, ``hearing`` and ``state`` (the pure machine), then what carries it out: ``ear`` over ``vad`` and ``hush``
(sound in), ``prompts`` and ``streams`` (to the engines and back), ``deciding`` and ``rehearsal`` (before all is said),
``speaker`` over ``clauses``, ``spoken``, ``tts``, ``kokoro`` and ``voices`` (sound out), ``outbox`` (to the client),
and ``session``, which drives all of it for one conversation.
"""
