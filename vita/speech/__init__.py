"""Speech that the application makes: ``vita_voice`` is VITA-1.5's own speech decoder and the voice built on it,
``pinyin_voice`` and ``mandarin_phonemes`` write Chinese for espeak-ng and for Kokoro, and ``voice_trial`` compares
voices by what a recogniser hears.
"""
