"""``python -m vita.speech.voice_trial``: which words a recogniser hears from each voice, and what speaking costs."""
