"""The tab Talk."""
