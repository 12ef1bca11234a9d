"""Plain English names of what photos show, as ImageNet's classifier orders them."""

from __future__ import annotations

from pathlib import Path

CLASSES = Path(__file__).with_name("classes.txt")  # ImageNet's 1,000, one plain English name a line


def class_names() -> list[str]:
    """Names of the classes, in the classifier's order."""
    return CLASSES.read_text(encoding="utf-8").splitlines()
