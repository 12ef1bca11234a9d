"""The tiny speech decoder and what the published computation makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from tests.golden_data import GOLDEN, arrays, checkpoint, values

FAMILY = "vita-1.5-speech"
SPEECH = GOLDEN / FAMILY / "vita_tts_ckpt"
EXPECTED = values(FAMILY, "speech")
ARRAYS = arrays(FAMILY, "speech")
TEXTS = EXPECTED["texts"]
LONG = EXPECTED["long_tokens"]
STREAMED = {
    "long": LONG, "first50": LONG[:50], "first49": LONG[:49], "first30": LONG[:30], "one": LONG[:1], "none": [],
    **{name: text["tokens"] for name, text in TEXTS.items()},
}  # fmt: skip


def speaking_checkpoint(folder: Path) -> Path:
    """The tiny VITA-1.5 with its speech decoder, linked into ``folder``."""
    for file in checkpoint("vita-1.5").iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "vita_tts_ckpt").symlink_to(SPEECH)
    return folder


def copied_speech(folder: Path) -> Path:
    """A copy of the speech decoder that a test may damage; its codec's encoder is left out."""
    for network in ("decoder", "codec"):
        (folder / network).mkdir(parents=True)
        config = json.loads((SPEECH / network / "model.json").read_text(encoding="utf-8"))
        write_config(folder, network, config)
        state = torch.load(SPEECH / network / "final.pt", weights_only=True)
        state.pop("encoder", None)
        torch.save(state, folder / network / "final.pt")
    return folder


def write_config(folder: Path, network: str, config: object) -> None:
    (folder / network / "model.json").write_text(json.dumps(config), encoding="utf-8")


def read_config(folder: Path, network: str):
    return json.loads((folder / network / "model.json").read_text(encoding="utf-8"))


def change_weights(folder: Path, network: str, change) -> None:
    """Let ``change`` alter the dictionary in a final.pt."""
    file = folder / network / "final.pt"
    state = torch.load(file, weights_only=True)
    change(state)
    torch.save(state, file)
