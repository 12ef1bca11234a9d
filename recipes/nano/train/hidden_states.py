"""What goes on in the language model: hidden states of prompts that begin alike, in batches. No training here."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vita.conversation import Turn, render_prompt
from vita.model import checkpoint_loading
from vita.model.processing import Processor, Prompt
from vita.tokens import Family


class HiddenStateProbe:
    """The checkpoint's processor and model, and the keys and values of what all prompts begin with."""

    def __init__(self, processor: Processor, model: Any) -> None:
        self.processor = processor
        self.model = model
        plain = [self._prompt_of([Turn("user", (text,))]).token_ids for text in ("I", "You")]
        self.head: list[int] = plain[0][: next(n for n in range(len(plain[0])) if plain[0][n] != plain[1][n])]
        with torch.inference_mode():
            self._past = model.language_model(torch.tensor([self.head]), use_cache=True).past_key_values

    @classmethod
    def of(cls, folder: Any) -> HiddenStateProbe:
        """Load both from a checkpoint's folder."""
        return cls(Processor.from_checkpoint(folder), checkpoint_loading.load_model(folder))

    def _prompt_of(self, turns: Sequence[Turn]) -> Prompt:
        return self.processor(render_prompt(turns, Family.NANO))

    def embed_answer(self, turns: Sequence[Turn], answer: Sequence[int] = ()) -> Tensor:
        """The prompt behind the common head, with the ids of an answer, as embeddings [n, hidden]."""
        prompt = self._prompt_of(turns)
        media = {
            "images": prompt.media_of_kind("image"),
            "videos": prompt.media_of_kind("video"),
            "sounds": prompt.media_of_kind("audio"),
        }
        ids = torch.tensor([prompt.token_ids + list(answer)])
        assert prompt.token_ids[: len(self.head)] == self.head
        embeddings: Tensor = self.model.embed(ids, **media)[0, len(self.head) :]
        return embeddings

    def hidden_states(self, body: Tensor) -> Tensor:
        """Last hidden states of every place of [n, hidden] behind the head, [n, hidden]."""
        past = copy.deepcopy(self._past)
        states = self.model.language_model.model(inputs_embeds=body[None], past_key_values=past, use_cache=True)
        last: Tensor = states.last_hidden_state[0]
        return last

    def greedy_answers(self, prompts: Sequence[Sequence[Turn]], tokens: int) -> list[list[int]]:
        """Greedy answers as token ids without the end, without a state token before them; one batch."""
        bodies = [self.embed_answer(turns) for turns in prompts]
        longest = max(len(body) for body in bodies)
        head = self.model.get_input_embeddings()(torch.tensor(self.head))
        rows = [torch.cat((body.new_zeros(longest - len(body), body.shape[1]), head, body)) for body in bodies]
        mask = torch.tensor([[0] * (longest - len(b)) + [1] * (len(head) + len(b)) for b in bodies])
        language = self.model.language_model
        made = language.generate(
            inputs_embeds=torch.stack(rows), attention_mask=mask, max_new_tokens=tokens, do_sample=False
        )
        end = language.config.eos_token_id
        return [row[: row.index(end)] if end in row else row for row in made.tolist()]


class KeptTurn:
    """The hearing of a processor, whose features stay on disk: they outlive a change of the language model."""

    def __init__(self, sounds: Any, folder: Path) -> None:
        self.sounds, self.folder = sounds, folder
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, samples: NDArray[np.float32]) -> Tensor:
        """Samples float32 [n] at 16 kHz -> float32 [1 + words, hidden]."""
        path = self.folder / f"{hashlib.blake2b(samples.tobytes(), digest_size=12).hexdigest()}.pt"
        if not path.is_file():
            torch.save(self.sounds(samples).clone(), path.with_suffix(".draft"))
            path.with_suffix(".draft").rename(path)
        features: Tensor = torch.load(path, weights_only=True)
        return features

    def token_ids(self, features: Tensor) -> list[int]:
        """Placeholders of features."""
        ids: list[int] = self.sounds.token_ids(features)
        return ids
