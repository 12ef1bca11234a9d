"""What the events of a watch make of a conversation's story, and how refusals are worded."""

from __future__ import annotations

from typing import Any

import pytest

from demos.i18n.translation import talk_table
from tests.talk_scripts import script

SET = ("vita.watch_set", {"watch": 3, "watch_for": "a dog", "repeat": False, "seconds": 600})
LOOKED = {"watch": 3, "frame": "f1", "said": "No", "shows": False, "already": False, "looked": 1, "skipped": 2}
SEEN = ("vita.watch_seen", {"watch": 3, "frame": "f2", "item_id": "u1"})


def told(*events: tuple[str, dict]) -> dict[str, Any]:
    lines = [{"t": float(second), "event": {"type": kind, "data": data}} for second, (kind, data) in enumerate(events)]
    return script(
        "const story = new Story(); for (const line of lines) story.add(line); "
        "return { watch: story.watch, turns: story.turns, marks: story.marks };",
        lines=lines,
    )


def test_a_watch_is_known_from_when_it_was_set_with_its_last_look():
    watch = told(("vita.phase", {"phase": "listening"}), SET, ("vita.watch_looked", LOOKED))["watch"]
    assert (watch["wanted"], watch["since"], watch["why"]) == ("a dog", 1.0, None)
    assert (watch["looked"], watch["skipped"], watch["said"], watch["frame"]) == (1, 2, "No", "f1")


def test_what_was_seen_is_a_remark_with_its_frame_and_a_mark_and_no_question_of_the_visitors():
    added = {"item": {"id": "u1", "role": "user", "content": [{"type": "input_text", "text": "I asked you"}]}}
    story = told(SET, SEEN, ("conversation.item.added", added), ("vita.watch_ended", {"watch": 3, "why": "seen"}))
    (turn,) = story["turns"]
    assert (turn["role"], turn["why"], turn["name"], turn["frames"]) == ("remark", "seen", "a dog", ["f2"])
    assert story["marks"] == [{"t": 1.0, "lane": "vita", "kind": "seen"}]
    assert story["watch"]["why"] == "seen"


def test_what_is_told_of_an_older_watch_changes_no_newer_one():
    later = ("vita.watch_set", {**SET[1], "watch": 4})
    story = told(SET, later, ("vita.watch_looked", LOOKED), ("vita.watch_ended", {"watch": 3, "why": "replaced"}))
    assert (story["watch"]["id"], story["watch"]["looked"], story["watch"]["why"]) == (4, 0, None)


def test_what_was_there_from_the_beginning_is_said_until_it_was_seen():
    first = ("vita.watch_looked", {**LOOKED, "already": True})
    second = ("vita.watch_looked", {**LOOKED, "looked": 2})
    assert told(SET, first, second)["watch"]["already"] is True
    assert not told(SET, first, second, SEEN)["watch"]["already"]


@pytest.mark.parametrize(
    ("events", "key"),
    [
        ([SET], "watch.ended.time"),
        ([SET, ("vita.watch_looked", LOOKED)], "watch.ended.time"),
        ([SET, ("vita.watch_looked", {**LOOKED, "already": True})], "watch.ended.over"),
        ([SET, ("vita.watch_looked", {**LOOKED, "shows": True})], "watch.ended.over"),
        ([("vita.watch_set", {**SET[1], "repeat": True}), SEEN, SEEN], "watch.ended.over"),
    ],
)
def test_a_watch_whose_time_is_over_says_that_it_was_not_seen_only_where_that_is_so(events, key):
    watch = told(*events, ("vita.watch_ended", {"watch": 3, "why": "time"}))["watch"]
    assert script("return WatchCard.prototype._news.call({ say: (key) => key }, watch, true);", watch=watch) == key


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", ["watch_people", "watch_unnamed", "watch_language", "watch_empty", "watch_long"])
def test_a_refusal_is_worded_in_the_visitors_language(code, language):
    words = talk_table(language)
    said = script(
        "return errorWords((key) => words[key] ?? key, error);", words=words, error={"code": code, "message": "x"}
    )
    assert said == words[f"watch.refused.{code}"]


def test_another_error_is_told_in_its_own_words():
    assert script('return errorWords((key) => key, { code: "full", message: "All places are taken." });') == (
        "All places are taken."
    )
