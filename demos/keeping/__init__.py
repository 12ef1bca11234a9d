"""Conversations live in visitors' browsers: what is sent there to be kept, and what comes back to be gone on with."""
