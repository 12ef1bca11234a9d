"""VITA-1.5's own voice (``vita_tts_ckpt`` of its checkpoint; arXiv 2501.01957, section 3.1). Read in this order:

``clause_text`` (text as the decoder was trained on it), ``embedding_rows`` (ids to rows of the language model's
embedding table), ``speech_layers`` and ``speech_decoder`` (embeddings to codes), ``speech_codec`` (codes to sound),
``code_windows`` (which codes are decoded together while they arrive), ``speech_config`` and ``speech_files`` (the
published layout), ``synthesis`` (all of it for one clause), ``speech_fetch`` (where the files are), ``time_stretch``
and ``own_voice`` (the voice).

``python -m vita.speech.vita_voice`` measures it with the published sizes and random weights.
"""
