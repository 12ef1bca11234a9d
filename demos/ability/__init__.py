"""The tabs Image, Video and Audio."""
