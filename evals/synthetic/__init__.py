"""Seeded synthetic speech and noises that benchmarks and training share."""
