"""Benchmarks of the paper and of interaction: tasks, scorers, a runner that survives being killed, and charts."""
