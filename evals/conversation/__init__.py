"""Benchmarks of live and recorded conversations."""
