"""One WebSocket for all event streams of a browser tab, which outlive a dropped connection."""
