"""Engines: what turns a conversation into an answer. Outside this package and the plugin nothing imports vllm."""

import logging

# xgrammar brings a Triton that has no CPU, and vLLM says so in each of its processes before it reads its own settings.
# They all import this package first, as a part of the program that started them.
logging.getLogger("vllm.triton_utils.importing").setLevel(logging.ERROR)
