"""Pure scorers: from an answer's text to what was meant, and from many items to numbers. No engine, no files."""
