"""The VITA model: configuration, towers, processing, checkpoints. Knows neither vLLM nor Gradio."""
