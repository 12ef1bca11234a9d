"""VITA Playground: the model, its vLLM engines and the duplex conversation. Knows nothing of the web page."""

__version__ = "0.1.0"
