"""What the language model reads in place of a picture: one sentence of a fixed number of tokens for each class."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

CLASSES = Path(__file__).with_name("classes.txt")  # ImageNet's 1,000, one plain English name a line
# The first framing that leaves room for the name. "This is a picture of" had SmolLM2 name 6 of 6 objects where
# "The picture shows" had it name them beside the point ("a classic example of a ...").
FRAMINGS = ("This is a picture of {}.", "This is a picture of {}", "A picture of {}", "Picture: {}", "{}")


def class_names() -> list[str]:
    """Names of the classes, in the classifier's order."""
    return CLASSES.read_text(encoding="utf-8").splitlines()


def with_article(name: str) -> str:
    """The name with "a" or "an"; names of what cannot be counted read well enough with it."""
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def sentence(tokenizer: Tokenizer, name: str, length: int) -> list[int]:
    """Token ids of a sentence about ``name``, exactly ``length`` of them; a very long name loses its first tokens."""
    ids: list[int] = []
    for framing in FRAMINGS:
        ids = tokenizer.encode(framing.format(with_article(name)), add_special_tokens=False).ids
        if len(ids) <= length:
            break
    fill = tokenizer.encode("\n", add_special_tokens=False).ids * length
    return [*fill, *ids][-length:]
