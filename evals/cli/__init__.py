"""What ``python -m evals`` does: options, and a module for each kind of command."""
