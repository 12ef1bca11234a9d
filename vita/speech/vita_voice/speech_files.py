"""Read one file of ``vita_tts_ckpt``; what is wrong with it is added to a list, so that all of it is told at once."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import BaseModel, ValidationError
from torch import Tensor

State = dict[str, Tensor]
Config = TypeVar("Config", bound=BaseModel)


def read_config_file(
    file: Path, kind: type[Config], faults: list[str], pick: Callable[[Any], Any] = lambda data: data
) -> Config | None:
    """The configuration in ``file``; ``pick`` finds its object in the JSON. None, and ``faults``, where there is none.

    Args:
        pick: may raise LookupError or TypeError where the JSON is of another form.
    """
    try:
        return kind.model_validate(pick(json.loads(file.read_text(encoding="utf-8"))))
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join(str(part) for part in fault["loc"])
            faults.append(f"{file}: {place + ': ' if place else ''}{fault['msg'].removeprefix('Value error, ')}")
    except OSError as error:
        faults.append(f"{file}: cannot be read ({error.strerror})")
    except ValueError:
        faults.append(f"{file}: holds no JSON")
    except (LookupError, TypeError):
        faults.append(f"{file}: is of another form than published")
    return None


def read_weight_file(file: Path, faults: list[str]) -> dict[str, Any] | None:
    """The dictionary in ``file``, read with ``weights_only=True``. None, and ``faults``, where there is none."""
    try:
        data = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        faults.append(f"{file}: cannot be read ({error.strerror})")
        return None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = next(iter(str(error).splitlines()), "")  # PyTorch goes on about how to read files that run code
        faults.append(f"{file}: holds no weights that can be read safely ({reason[:120] or 'it ends early'})")
        return None
    if isinstance(data, Mapping):
        return dict(data)
    faults.append(f"{file}: holds no dictionary of weights")
    return None


def pick_state(file: Path, data: Mapping[str, Any], name: str, faults: list[str]) -> State | None:
    """The state dict under ``name``, "" for ``data`` itself. None, and ``faults``, where there is none."""
    state = data.get(name) if name else data
    if not isinstance(state, Mapping):
        faults.append(f"{file}: holds no state dict {name!r}")
        return None
    odd = [str(key) for key, value in state.items() if not isinstance(value, Tensor)]
    if odd:
        faults.append(f"{file}: these are no tensors: {', '.join(odd[:5])}")
        return None
    return dict(state)
