"""Rows of a language model's embedding table, read from its safetensors file; the table itself is never loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from vita.errors import CheckpointError
from vita.speech.vita_voice.speech_fetch import TABLE, table_shards


class EmbeddingRows:
    """The table of the checkpoint in ``folder``; the file stays open and mapped into memory.

    Attributes:
        rows, width: its shape.

    Raises:
        CheckpointError: there is no such table, or its file is absent or damaged.
    """

    def __init__(self, folder: Path) -> None:
        for shard in table_shards(folder):
            try:
                tensors: Any = safe_open(shard, framework="pt")
            except (OSError, SafetensorError) as error:
                raise CheckpointError(f"{shard} cannot be read: {error}") from error
            for key in tensors.keys():  # noqa: SIM118 - a safetensors file is no dict
                if key.endswith(TABLE):
                    self._table = tensors.get_slice(key)
                    self._file = tensors
                    self.rows, self.width = self._table.get_shape()
                    return
        raise CheckpointError(f"{folder} has no {TABLE}: the voice vita reads the embeddings of its language model.")

    def read_rows(self, ids: Sequence[int]) -> Tensor:
        """Rows ``ids``, float32 [n, width].

        Raises:
            CheckpointError: the table has no such row.
        """
        if ids and max(ids) >= self.rows:
            raise CheckpointError(f"The tokenizer gives {max(ids)}, but {TABLE} has {self.rows} rows.")
        rows = [self._table[number : number + 1] for number in ids]
        return torch.cat(rows).float() if rows else torch.empty(0, self.width)
