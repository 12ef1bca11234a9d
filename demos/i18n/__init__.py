"""What the page says: a folder of texts for each language, and `translation`, which looks them up."""
