"""Speech that the application makes: ``vita_voice`` is VITA-1.5's own speech decoder and the voice built on it."""
