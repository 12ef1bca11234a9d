"""Engines: what turns a conversation into an answer. Outside this package and the plugin nothing imports vllm."""
