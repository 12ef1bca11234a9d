"""Audio without a conversation; imports nothing of the rooms above it.

``sample_rates``, ``resampling``; in: ``voice_activity`` over ``trailing_silence``, which reports
``voice_events``; out: ``clause_splitter``, ``text_normalization``, ``synthesis``, ``kokoro_voice`` and
``mandarin_phonemes``, ``pinyin_voice``, ``vita_voice`` (VITA-1.5's own speech decoder), ``voice_catalog``;
``voice_trial`` compares voices by what a recogniser hears.
"""
