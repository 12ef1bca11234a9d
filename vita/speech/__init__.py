"""Speech without a conversation: voice activity, resampling, text normalisation and voices."""
