"""State tokens and chat markers of each checkpoint family; the only place that spells them.

VITA begins every answer with a state token that says what it heard (paper, section 3.3; upstream 1.5 uses
pictograms that are single Qwen tokens). Ids are looked up in the checkpoint's tokenizer, never written down here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

FIRST_TOKEN_IDS = "first_token_ids"  # the extra argument of a request to vLLM: the ids that may begin its answer


class Family(StrEnum):
    """Which published layout a checkpoint has; decides the prompt template and the state tokens."""

    VITA_1_0 = "vita-1.0"  # Mixtral 8x7B
    VITA_1_5 = "vita-1.5"  # Qwen2.5 7B
    NANO = "vita-nano"  # SmolLM2 135M, embedded


class State(Enum):
    """What the model says of its input with the first token of an answer."""

    AUDIO_QUERY = 1  # <1>: a question by voice
    NOISE = 2  # <2>: heard something that is not addressed to it; no answer is due
    TEXT_QUERY = 3  # <3>: a question by text


def fitting_states(heard: bool, typed: bool, silent: bool = False) -> tuple[State, ...]:
    """The states that an answer can begin with.

    Args:
        heard: the question came with a sound.
        typed: it has words that were typed, which are addressed to the model whatever the sound is.
        silent: nothing is said in the sound, so that words beside it were asked by text alone.
    """
    if not heard or (typed and silent):
        return (State.TEXT_QUERY,)
    return (State.AUDIO_QUERY, State.TEXT_QUERY if typed else State.NOISE)


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


@dataclass(frozen=True)
class ChatMarkers:
    """How a template wraps one message: ``start + role + middle + text + end``, messages joined by a newline.

    Attributes:
        spoken: stands between a text or a sound and the sound behind it.
    """

    start: str
    middle: str
    end: str
    system: str = "system"
    user: str = "user"
    assistant: str = "assistant"
    spoken: str = ""

    def opening(self, role: str) -> str:
        """What stands before a message's text."""
        return f"{self.start}{role}{self.middle}"


_CHATML = ChatMarkers("<|im_start|>", "\n", "<|im_end|>")
CHAT_MARKERS: dict[Family, ChatMarkers] = {
    Family.VITA_1_0: ChatMarkers("", ":", "</s>", assistant="bot"),  # upstream's "mixtral_two"
    Family.VITA_1_5: _CHATML,  # upstream's "qwen2p5_instruct"
    Family.NANO: replace(_CHATML, spoken=" aside"),  # with it repeating was taught: ``recipes/nano/train/LOG.md``, 41
}

# Added tokens of the three tokenizers, and upstream's placeholders: what a tokenizer turns into one control id
# wherever it stands, whoever wrote it.
_MARKER = re.compile(
    r"<(?=(?:"
    r"\|[A-Za-z0-9_]+\|"  # <|im_start|>, <|endoftext|>, <|vision_start|>, ...
    r"|/?s|unk|pad|[0-9]+"  # <s>, </s>, <1>
    r"|image|audio|video"
    r"|/?tool_call"
    r"|repo_?name|file_sep|filename|gh_stars|issue_[a-z]+|jupyter_[a-z]+|empty_output"  # SmolLM2's
    r")>)"
)
_PICTOGRAMS = str.maketrans({"☞": "👉", "☟": "👇", "☜": "👈"})


def disarm(text: str) -> str:
    """Make ``text`` safe to stand inside a message: nothing in it is a control token of any family.

    A space is put behind the opening bracket (``</s>`` becomes ``< /s>``), so that a question about a marker still
    reads as one; the pictograms of VITA-1.5, single tokens of their own, become the emoji of the same hand. Text
    without markers comes back as it is, and disarming twice changes no more than once.
    """
    return _MARKER.sub("< ", text).translate(_PICTOGRAMS)
