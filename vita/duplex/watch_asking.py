"""How an engine is asked about a frame that is watched, and what its answer says. One way for each kind of checkpoint.

Where a checkpoint can be asked yes or no, the odds of its first word are the score. One that can only name what it
sees describes the frame, and the score is whether its words name what is watched for.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vita.conversation import Turn
from vita.duplex.sight_rule import SightRule
from vita.duplex.watch_goal import LONGEST_GOAL, WatchGoal
from vita.engine.engine_protocol import Delta, Request, Sampling
from vita.errors import InputError
from vita.media import Picture
from vita.tokens import State

LOOKS_LATE = 5  # priority at the engine: behind decisions and answers, before the prefill of histories
DESCRIPTION_TOKENS = 32
FIRST_TOKENS = 4  # a server elsewhere may put a state token before the word
SURE_ODDS = 3.0  # log-odds of a bare yes, where the engine does not tell how likely it was
PEOPLE = re.compile(
    r"\b(?:somebody|someone|anybody|anyone|people|persons?|m[ae]n|wom[ae]n|boys?|girls?|child(?:ren)?|kids?|bab(?:y|ies)|faces?"
    r"|guests?|visitors?|me|you|he|she)\b|人|谁|孩子|脸",
    re.I,
)
BEHIND_NOUN = re.compile(r"\b(?:with|in|on|at|near|of|that|who|which|and|or|by|behind|beside|under|now)\b")
COLOURS = re.compile(r"\b(?:red|orange|yellow|green|blue|purple|pink|brown|black|white|gr[ae]y)$", re.I)


class UnwatchableError(InputError):
    """What a model could never tell of; ``code`` names why for programs."""

    def __init__(self, code: str, template: str, **values: object) -> None:
        super().__init__(template, **values)
        self.code = code


@dataclass(frozen=True)
class FrameEvidence:
    """What one look gave.

    Attributes:
        score: see ``SightRule``.
        said: what the engine said of the frame, for people to read.
    """

    score: float
    said: str


class WatchAsking(Protocol):
    """One kind of checkpoint."""

    rule: SightRule

    def check_goal(self, goal: WatchGoal) -> None:
        """Raises UnwatchableError where the model could never tell; the message says what it can watch for."""

    def look_request(self, goal: WatchGoal, picture: Picture) -> Request:
        """What an engine is asked about a frame."""

    async def read_answer(self, goal: WatchGoal, deltas: AsyncGenerator[Delta, None]) -> FrameEvidence:
        """What its answer says."""

    def telling_prompt(self, goal: WatchGoal) -> str:
        """What the model is asked beside the frame once it was seen, so that it tells of it."""


class YesNoAsking(WatchAsking):
    """A checkpoint that can say no: the score is the log-odds of "yes" against "no"."""

    rule = SightRule(rise=2.0, floor=0.5)

    def check_goal(self, goal: WatchGoal) -> None:
        """Anything can be asked."""

    def look_request(self, goal: WatchGoal, picture: Picture) -> Request:
        """A question whose answer begins with yes or no."""
        if goal.is_chinese:
            question = f"画面里能看到{goal.subject}吗？只回答“是”或“否”。"
        else:
            question = f"Can you see this in the picture: {goal.subject}? Answer yes or no."
        sampling = Sampling(max_tokens=FIRST_TOKENS, choices=self._choices(goal), weighs_choices=True)
        return Request((Turn("user", (picture, question)),), sampling, max_tiles=1, priority=LOOKS_LATE)

    async def read_answer(self, goal: WatchGoal, deltas: AsyncGenerator[Delta, None]) -> FrameEvidence:
        """The log-odds, where the engine weighs its choices; else what it chose."""
        said, weights = "", None
        async for delta in deltas:
            said, weights = said + delta.text, delta.choice_logprobs
            if weights:  # the rest costs time and says no more
                break
        yes, no = self._choices(goal)
        chosen = SURE_ODDS if said.strip().lower().startswith(yes.lower()) else -SURE_ODDS
        score = weights[yes] - weights[no] if weights else chosen
        return FrameEvidence(score, said.strip() or (yes if score > 0 else no))

    def telling_prompt(self, goal: WatchGoal) -> str:
        """An order to tell."""
        if goal.is_chinese:
            return f"我请你留意：{goal.text}。你现在看到了。请用一句话告诉我。"
        return f"I asked you to watch for this: {goal.text}. Now you see it. Tell me so in one short sentence."

    def _choices(self, goal: WatchGoal) -> tuple[str, str]:
        return ("是", "否") if goal.is_chinese else ("Yes", "No")


class NamingAsking(WatchAsking):
    """A checkpoint that names what it sees, and says yes to whatever it is asked.

    Args:
        names: words that may be watched for, in small letters, each with all the words of a description that count.
    """

    rule = SightRule(rise=0.5, floor=0.5)

    def __init__(self, names: Mapping[str, frozenset[str]]) -> None:
        self._names = names

    def check_goal(self, goal: WatchGoal) -> None:
        """Only what it has a name for."""
        if goal.is_chinese:
            raise UnwatchableError(
                "watch_language",
                "This model understands English only: say in English what to watch for, such as: a dog.",
            )
        if self._wanted(goal):
            return
        if PEOPLE.search(goal.subject):
            raise UnwatchableError(
                "watch_people",
                "This model cannot recognise people yet. "
                "It can watch for animals and everyday things: a dog, a cup, a car.",
            )
        raise UnwatchableError(
            "watch_unnamed",
            "This model has no name for “{goal}”. It can watch for animals and everyday things: a dog, a cup, a car.",
            goal=goal.subject,
        )

    def look_request(self, goal: WatchGoal, picture: Picture) -> Request:
        """A description."""
        sampling = Sampling(max_tokens=DESCRIPTION_TOKENS, states=(State.TEXT_QUERY,))
        return Request((Turn("user", (picture, "Describe what you see.")),), sampling, priority=LOOKS_LATE)

    async def read_answer(self, goal: WatchGoal, deltas: AsyncGenerator[Delta, None]) -> FrameEvidence:
        """1 where the description names it, else 0."""
        said = "".join([delta.text async for delta in deltas]).strip()
        words = f" {_plain_words(said)} "
        return FrameEvidence(float(any(f" {form} " in words for form in self._wanted(goal))), said)

    def telling_prompt(self, goal: WatchGoal) -> str:
        """A question that it answers by yes and what it sees."""
        return f"Is there {goal.subject} now?"

    def _wanted(self, goal: WatchGoal) -> frozenset[str]:
        """All the words that say it, in singular and plural, with the colour that is asked for."""
        words = BEHIND_NOUN.split(_plain_words(goal.subject))[0].split()
        for begin in range(len(words)):  # "a fire truck" before "a truck"
            names = next((self._names[form] for form in _singulars(words[begin:]) if form in self._names), None)
            if names:
                colour = COLOURS.search(" ".join(words[:begin]))
                before = f"{colour[0]} " if colour else ""
                return frozenset(before + form for name in names for form in _plurals(_plain_words(name)))
        return frozenset()


def _plain_words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def _singulars(words: list[str]) -> tuple[str, ...]:
    text = " ".join(words)
    return (text, text.removesuffix("s"), text.removesuffix("es"))


def _plurals(name: str) -> tuple[str, ...]:
    return (name, f"{name}s", f"{name}es")


def asking_for(config: Any) -> WatchAsking:
    """The way of a checkpoint of that VITAConfig; None where it is on another machine, and not known any closer."""
    names = config.sight_names if config is not None else None
    return YesNoAsking() if names is None else NamingAsking(names)


def checked_goal(asking: WatchAsking, goal: WatchGoal) -> WatchGoal:
    """The goal, where it can be watched for.

    Raises:
        UnwatchableError: there is nothing to watch for, it is too long, or the model could never tell.
    """
    if not goal.subject:
        raise UnwatchableError("watch_empty", "Say what to watch for, such as: a dog.")
    if len(goal.text) > LONGEST_GOAL:
        raise UnwatchableError("watch_long", "Say what to watch for in at most {limit} letters.", limit=LONGEST_GOAL)
    asking.check_goal(goal)
    return goal
