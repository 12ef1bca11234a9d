"""How many bytes of tensors a computation holds at most beside what it was given; scratch within operators not seen."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class PeakTensors(TorchDispatchMode):
    """Counts the storages that operators make while this is entered, until they are freed."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = self.held = 0
        self._seen: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = {id(leaf.untyped_storage()) for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)}
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._count(leaf.untyped_storage(), given)
        return result

    def _count(self, storage: Any, given: set[int]) -> None:
        place = storage.data_ptr()
        if id(storage) in given or place in self._seen or not place:
            return
        self._seen.add(place)
        self.held += storage.nbytes()
        self.peak = max(self.peak, self.held)
        weakref.finalize(storage, self._free, place, storage.nbytes())

    def _free(self, place: int, size: int) -> None:
        self._seen.discard(place)
        self.held -= size
