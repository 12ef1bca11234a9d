"""State tokens and chat markers of each checkpoint family; the only place that spells them.

VITA begins every answer with a state token that says what it heard (paper, section 3.3; upstream 1.5 uses
pictograms that are single Qwen tokens). Ids are looked up in the checkpoint's tokenizer, never written down here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Family(str, Enum):
    """Which published layout a checkpoint has; decides the prompt template and the state tokens."""

    VITA_1_0 = "vita-1.0"  # Mixtral 8x7B
    VITA_1_5 = "vita-1.5"  # Qwen2.5 7B
    NANO = "vita-nano"  # SmolLM2 135M, embedded


class State(Enum):
    """What the model says of its input with the first token of an answer."""

    AUDIO_QUERY = 1  # <1>: a question by voice
    NOISE = 2  # <2>: heard something that is not addressed to it; no answer is due
    TEXT_QUERY = 3  # <3>: a question by text


@dataclass(frozen=True)
class StateTokens:
    """The three state tokens of a family, as text."""

    audio_query: str
    noise: str
    text_query: str

    def text(self, state: State) -> str:
        """The token that stands for ``state``."""
        return {
            State.AUDIO_QUERY: self.audio_query,
            State.NOISE: self.noise,
            State.TEXT_QUERY: self.text_query,
        }[state]

    def split(self, answer: str) -> tuple[State | None, str]:
        """Split a whole answer into its state and the rest.

        Returns:
            The state, or None where the answer begins with none, and the text behind the token without the
            space that some tokenizers decode after it.
        """
        for state in State:
            token = self.text(state)
            if answer.startswith(token):
                return state, answer[len(token) :].removeprefix(" ")
        return None, answer


_ANGLED = StateTokens("<1>", "<2>", "<3>")
STATE_TOKENS: dict[Family, StateTokens] = {
    Family.VITA_1_0: _ANGLED,
    Family.VITA_1_5: StateTokens("☞", "☟", "☜"),
    Family.NANO: _ANGLED,
}
