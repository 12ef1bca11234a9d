"""What the built checkpoint sees with: names for the eye's configuration, trained heads, a table of embeddings."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer
from torch import Tensor

from vita.nano.class_names import class_names
from vita.nano.model import caption_text
from vita.nano.model.caption_vocabulary import plain_tokens
from vita.nano.model.captioning_tower import CaptionsConfig

DRAWINGS = Path(__file__).with_name("drawings.txt")
SHAPES = ("circle", "square", "triangle", "star", "heart", "diamond", "cross", "thing")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray")
ACTIONS = tuple(caption_text.CLIP_ACTIONS)
COMMON = 16_000  # tokens of the vocabulary whose words and pieces the eye can spell
KINDS = (
    (10, 21, "bird"),
    (52, 69, "snake"),
    (72, 78, "spider"),
    (151, 269, "dog"),
    (281, 286, "cat"),
    (321, 327, "butterfly"),
)
PREFIX = "seen."  # of the heads' tensors among those that we trained
FRAMES = (
    "This is a picture of",
    "The picture shows",
    *caption_text.story_sentences([]),
    "In the video, First, Then, the",
    "shapes:",
)


def drawing_names() -> list[str]:
    """Names of the classes of drawings, in the order of the head's outputs."""
    return [line.split(": ")[0] for line in DRAWINGS.read_text(encoding="utf-8").splitlines()]


def photo_names() -> list[str]:
    """ImageNet's names in the classifier's order; breeds and species with their kind behind them."""
    names = class_names()
    for first, last, kind in KINDS:
        names[first:last] = [name if kind in name.lower() else f"{name} {kind}" for name in names[first:last]]
    return names


def make_eye(vocabulary: list[str], tokenizer: Tokenizer) -> tuple[CaptionsConfig, list[int]]:
    """The eye's configuration, and the ids of the tokens in its table."""
    names = photo_names() + drawing_names()
    texts = [
        *FRAMES,
        *names,
        *map(caption_text.with_article, names),
        *map(caption_text.plural_name, names),
        *SHAPES,
        *COLOURS,
    ]
    encoded = tokenizer.encode_batch([f" {text}" for text in texts], add_special_tokens=False)
    ids = plain_tokens(vocabulary, {index for one in encoded for index in one.ids}, COMMON)
    known = {
        "classes": photo_names(),
        "drawings": drawing_names(),
        "shapes": list(SHAPES),
        "colours": list(COLOURS),
        "lexicon": [vocabulary[index] for index in ids],
    }
    return CaptionsConfig(names=known), ids


def eye_weights(trained: dict[str, Tensor], embeddings: Tensor, ids: list[int]) -> dict[str, Tensor]:
    """The heads that we trained and the table, under their names in a checkpoint."""
    heads = {name.removeprefix(PREFIX): tensor for name, tensor in trained.items() if name.startswith(PREFIX)}
    return {f"model.mm_projector.{name}": tensor for name, tensor in (heads | {"table": embeddings[ids]}).items()}
