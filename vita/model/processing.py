"""From the pieces of a prompt (``vita.conversation.render_prompt``) to ids and features, on the CPU.

Every text piece is tokenised by itself, as upstream does around its placeholders: with VITA-1.0's tokenizer a word mark
begins each piece. The token that begins a text stands once, in front of all. Media are placeholders by position, ids
that no text can have; upstream's vLLM code takes ordinary vocabulary rows (51000, 51001), which text can contain.
Upstream cuts a prompt that is too long on the right, where the question is; here it stays whole, for an engine to
refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from torch import Tensor
from transformers import AutoTokenizer

from vita.errors import CheckpointError
from vita.media import Clip, Medium, Picture, Sound
from vita.model.checkpoint_files import find_checkpoint_folder
from vita.model.configuration import VITAConfig
from vita.model.tower_registry import AUDIO, VISION, load_class, tower_part
from vita.tokens import STATE_TOKENS, Family, State

Kind = Literal["image", "video", "audio"]
KINDS: Mapping[type[Medium], Kind] = {Picture: "image", Clip: "video", Sound: "audio"}


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer of a checkpoint.

    Raises:
        CheckpointError: its files are absent or damaged.
    """
    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)  # or it would ask on the terminal
    except (OSError, ValueError) as e:
        raise CheckpointError(f"{folder} has no tokenizer that can be read: {e}") from e


def placeholder_id(config: VITAConfig, kind: Kind) -> int:
    """The id that stands for a medium of that kind."""
    return {"image": config.image_token_id, "video": config.video_token_id, "audio": config.audio_token_id}[kind]


def prompt_ids(pieces: Iterable[str | Medium], tokenizer: Any, config: VITAConfig) -> list[int]:
    """The ids of a prompt with one placeholder for each medium; ``widen_placeholders`` makes its places."""
    ids: list[int] = list(tokenizer.encode(""))  # the token that begins a text, where the tokenizer has one
    for piece in pieces:
        if isinstance(piece, str):
            ids += tokenizer.encode(piece, add_special_tokens=False)
        else:
            ids.append(placeholder_id(config, KINDS[type(piece)]))
    return ids


def widen_placeholders(ids: Iterable[int], config: VITAConfig, runs: Iterable[Sequence[int]]) -> list[int]:
    """Put the n-th of ``runs`` in the place of the n-th placeholder in ``ids``."""
    places = {config.image_token_id, config.video_token_id, config.audio_token_id}
    left = iter(runs)
    return [token for token_id in ids for token in (next(left) if token_id in places else [token_id])]


def state_token_ids(tokenizer: Any, family: Family) -> dict[State, int]:
    """The id of each state token.

    Raises:
        CheckpointError: the tokenizer has no single token for one of them.
    """
    found: dict[State, int] = {}
    for state in State:
        text = STATE_TOKENS[family].text(state)
        ids = tokenizer.encode(text, add_special_tokens=False)
        if len(ids) != 1:
            raise CheckpointError(f"The tokenizer reads the state token {text} as {len(ids)} tokens, not as one.")
        found[state] = ids[0]
    return found


@dataclass(frozen=True, eq=False)
class Features:
    """A medium as the model takes it.

    Attributes:
        values: pixels float32 [tiles or frames, 3, S, S], or a sound's features float32 [T, F].
        token_ids: placeholders, one for each embedding that the model makes of it.
    """

    kind: Kind
    values: Tensor
    token_ids: list[int]


@dataclass(frozen=True, eq=False)
class Prompt:
    """A prompt as the model takes it.

    Attributes:
        token_ids: with one placeholder for every embedding of a medium.
        media: in order of the prompt.
    """

    token_ids: list[int]
    media: tuple[Features, ...]

    def media_of_kind(self, kind: Kind) -> list[Tensor]:
        """The media of one kind, in order."""
        return [medium.values for medium in self.media if medium.kind == kind]

    def tokens_of_kind(self, kind: Kind) -> int:
        """Tokens that stand for media of one kind."""
        return sum(len(medium.token_ids) for medium in self.media if medium.kind == kind)


class Processor:
    """Tokenizer, image processor and audio front end of one checkpoint."""

    def __init__(self, config: VITAConfig, tokenizer: Any, folder: Path) -> None:
        """Join what ``config`` names.

        Raises:
            CheckpointError: text could contain a placeholder's id.
        """
        self.config = config
        self.tokenizer = tokenizer
        self.images = load_class(tower_part(VISION, config.vision_config.model_type).processor)(config, folder)
        self.sounds = load_class(tower_part(AUDIO, config.audio_config.model_type).processor)(config, folder)
        lowest = min(*(placeholder_id(config, kind) for kind in KINDS.values()), *config.verdict_token_ids)
        if lowest < len(tokenizer):
            raise CheckpointError(f"Placeholder id {lowest} is a token of the tokenizer, which has {len(tokenizer)}.")

    @classmethod
    def from_checkpoint(cls, name: str | Path) -> Processor:
        """The processor of a checkpoint, from a folder or the Hub by name.

        Raises:
            CheckpointError: the checkpoint is absent or damaged.
        """
        folder = find_checkpoint_folder(name)
        return cls(VITAConfig.from_checkpoint(folder), load_tokenizer(folder), folder)

    @property
    def family(self) -> Family:
        """Which templates and state tokens the checkpoint has."""
        return Family(self.config.family)

    def features(self, medium: Medium, max_tiles: int | None = None) -> Features:
        """A medium as the model takes it; each frame of a clip gives one tile's tokens."""
        if isinstance(medium, Sound):
            values = self.sounds(medium.samples)
            return Features("audio", values, self.sounds.token_ids(values))
        pixels = (
            self.images(medium.image, max_tiles) if isinstance(medium, Picture) else self.images.frames(medium.frames)
        )
        kind = KINDS[type(medium)]
        return Features(kind, pixels, [placeholder_id(self.config, kind)] * len(pixels) * self.images.tokens_per_tile)

    def __call__(self, pieces: Iterable[str | Medium], max_tiles: int | None = None) -> Prompt:
        """A prompt as the model takes it.

        Args:
            max_tiles: tiles that one image may be cut into, the thumbnail not counted; None: the checkpoint's.
        """
        pieces = tuple(pieces)
        media = tuple(self.features(piece, max_tiles) for piece in pieces if not isinstance(piece, str))
        ids = prompt_ids(pieces, self.tokenizer, self.config)
        return Prompt(widen_placeholders(ids, self.config, [medium.token_ids for medium in media]), media)


@lru_cache(maxsize=4)
def load_processor(model: str) -> Processor:
    """The processor of a checkpoint, a folder or a name on the Hub; kept, for a front end may hold a recogniser.

    Raises:
        CheckpointError: the checkpoint is absent or damaged.
    """
    return Processor.from_checkpoint(model)
