"""What a visitor wants to be told of, read from "Tell me when you see a dog" and its like in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_GOAL = 200  # letters of what may be watched for

_POLITE = r"(?:(?:please|hey|okay|ok|now|and|could you|can you|will you|would you|i want you to)[,\s]+)*"
_TELL = r"(?:tell me|let me know|say so|warn me|alert me|notify me|call me|speak up|say something)"
_WHEN = r"(?P<often>whenever|every time|each time)|when|as soon as|once|if"
_REQUEST = re.compile(rf"^{_POLITE}{_TELL},?\s+(?:{_WHEN})\s+(?P<goal>.+)$", re.I)
_SEARCH = re.compile(rf"^{_POLITE}(?:watch (?:out )?for|look out for|keep an eye out for)\s+(?P<goal>.+)$", re.I)
_STOP = re.compile(rf"^{_POLITE}(?:stop|you can stop) (?:watching|looking)\b", re.I)
_SEEING = re.compile(r"^(?:you (?:can )?(?:see|spot|notice)|there(?: is|'s| are))\s+(?P<subject>.+)$", re.I)
_COMING = re.compile(
    r"^(?P<subject>(?:a|an|any|some|my|the|somebody|someone|anybody|anyone|people)\b.*?)\s+(?:comes?|enters?|appears?"
    r"|arrives?|shows? up|walks?|passes|is (?:here|there|back|in view|visible|in the picture)|can be seen)\b.*$",
    re.I,
)
_CHINESE_REQUEST = re.compile(
    r"^(?:请|麻烦)?(?:你)?(?:如果|当|等|一旦|(?P<often>每次|每当))?(?P<goal>.+?)(?:的时候|时|了|之后|后|以后)?[,,]?"
    r"(?:就)?(?:请)?(?:告诉|提醒|通知|叫)(?:一下)?我(?:一声|一下)?$"
)
_CHINESE_SEARCH = re.compile(r"^(?:请|麻烦)?(?:你)?(?:帮我)?(?:留意|盯着|注意看)(?:一下)?(?P<goal>.+)$")
_CHINESE_STOP = re.compile(r"^(?:请)?(?:别|不要|不用|停止)(?:再)?(?:看|盯|留意)")
_CHINESE_SEEING = re.compile(r"^(?:你)?(?:看到|看见|发现)(?P<subject>.+)$")
_CHINESE_COMING = re.compile(r"^(?P<subject>有?.+?)(?:进来|来|出现|走进来|走过)了?$")
_PERSONS = {"my": "your", "me": "you", "myself": "yourself", "our": "your", "ours": "yours"}
_PERSON = re.compile(rf"\b(?:{'|'.join(_PERSONS)})\b", re.I)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class WatchGoal:
    """What is watched for.

    Attributes:
        text: in the visitor's words: "somebody comes in".
        subject: what of it can be seen in one picture: "somebody".
    """

    text: str
    subject: str

    @property
    def is_chinese(self) -> bool:
        """Whether it is asked for in Chinese."""
        return _HAN.search(self.text) is not None


@dataclass(frozen=True)
class WatchRequest:
    """A sentence that asks for a watch.

    Attributes:
        repeat: go on watching each time that it was seen.
    """

    goal: WatchGoal
    repeat: bool = False


def make_goal(text: str) -> WatchGoal:
    """What is watched for, from words that name it, whether or not "tell me when" stands before them."""
    request = _match_request(text)
    wanted = request["goal"] if request else _clean_words(text)
    found = _find_subject(wanted)
    return WatchGoal(wanted, found or wanted)


def find_watch_request(said: str) -> WatchRequest | None:
    """The watch that a sentence in a conversation asks for; None where it asks for none.

    Only what can be seen in front of a camera counts: "Tell me when the war ended" is a question.
    """
    request = _match_request(said)
    if request is None:
        return None
    searches = "often" not in request.re.groupindex
    subject = _find_subject(request["goal"])
    if subject is None and not searches:
        return None
    often = bool(not searches and request["often"])
    return WatchRequest(WatchGoal(request["goal"], subject or request["goal"]), often)


def ends_watch(said: str) -> bool:
    """Whether a sentence asks to stop watching."""
    words = _clean_words(said)
    return bool(_STOP.match(words) or _CHINESE_STOP.match(words))


def promise_sentence(goal: WatchGoal) -> str:
    """What is answered to who asks for a watch: "my dog" is "your dog" there."""
    if goal.is_chinese:
        return f"好的，看到{goal.subject.replace('我', '你')}我就告诉你。"
    subject = _PERSON.sub(lambda found: _PERSONS[found[0].lower()], goal.subject)
    return f"OK, I will tell you when I see {subject}."


def stopped_sentence(said: str) -> str:
    """What is answered to who ends it."""
    return "好的，不再留意了。" if _HAN.search(said) else "OK, I have stopped watching."


def _match_request(text: str) -> re.Match[str] | None:
    words = _clean_words(text)
    patterns = (_REQUEST, _SEARCH, _CHINESE_REQUEST, _CHINESE_SEARCH)
    return next((match for pattern in patterns if (match := pattern.match(words))), None)


def _find_subject(goal: str) -> str | None:
    """What is to be seen; None where the words are not of something seen, or name it and no more."""
    patterns = (_SEEING, _COMING, _CHINESE_SEEING, _CHINESE_COMING)
    found = next((match["subject"] for pattern in patterns if (match := pattern.match(goal))), None)
    coming = _COMING.match(found) if found else None
    return coming["subject"] if coming else found


def _clean_words(text: str) -> str:
    return " ".join(text.split()).strip(" .!?。！？,，")
