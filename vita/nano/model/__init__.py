"""Towers and processors that only the embedded checkpoint has."""
