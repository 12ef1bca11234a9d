"""A few items for every task, made by us, so that everything runs offline. Never comparable with published numbers."""
