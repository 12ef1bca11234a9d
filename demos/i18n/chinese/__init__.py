"""Every text of the page in Chinese, one file a tab; errors by their English template."""
