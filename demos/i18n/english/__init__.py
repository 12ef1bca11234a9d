"""Every text of the page in English, one file a tab."""
