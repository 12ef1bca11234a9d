"""What was heard: the history under interruptions and corrections."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.duplex_script import SECOND, Script, kinds, speaking
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex.conversation_history import AnswerItem, Clause, UserItem, heard_text
from vita.media import Picture, Sound


def test_the_history_keeps_what_was_heard_in_whole_words():
    script = speaking()
    script.played(1.5)
    script.query(5.0, 6.0)
    told = next(item for item in script.state.items if isinstance(item, AnswerItem))
    assert told.heard == "Once upon a time, there"
    assert told.text == "Once upon a time, there was a fox."


def test_the_monitor_is_told_what_was_heard_so_far_and_not_what_was_made():
    script = speaking()
    script.played(1.0)
    script.voice(5.0)
    script.pause(6.0)
    answer = next(item for item in script.said(commands.RequestDecision)[0].items if isinstance(item, AnswerItem))
    assert answer.heard == "Once upon a time, "


def test_a_client_may_correct_what_was_heard_even_after_the_end():
    script = speaking()
    script.query(5.0, 6.0)
    item = script.said(commands.StopPlayback)[0].item
    script.on(e.PlaybackTruncated(item, SECOND))
    assert script.said(notices.AnswerHeard)[-1].item.heard == "Once upon a time, "
    script.on(e.PlaybackTruncated(item, 99 * SECOND))
    assert script.said(notices.AnswerHeard)[-1].item.limit == 2 * SECOND


def test_truncating_a_running_answer_ends_it():
    script = speaking()
    script.on(e.PlaybackTruncated(script.state.answer.item, SECOND))
    assert script.said(commands.EndAnswer)[0].reason == "client_cancelled"
    assert script.said(notices.AnswerHeard)[0].item.heard == "Once upon a time, "


def test_what_faded_leaves_the_history_and_the_words_and_the_rest_stay():
    script = Script()
    frame, sound = Picture(Image.new("RGB", (2, 2))), Sound(np.zeros(5, np.float32))
    for name in ("seen", "unseen", "unheard"):
        script.on(e.HistoryItemAdded(UserItem(name, (frame, "Look.", sound))))
    script.on(e.Faded(("unseen", "unheard"), ("unheard",)))
    assert [item.parts for item in script.state.items] == [(frame, "Look.", sound), ("Look.", sound), ("Look.",)]


@pytest.mark.parametrize(
    ("samples", "heard"),
    [
        (0, ""),
        (99, "One"),
        (100, "One "),
        (150, "One two"),
        (200, "One two three. "),
        (299, "One two three. "),
        (300, "One two three. Four."),
    ],
)
def test_heard_text_is_whole_clauses_and_then_whole_words(samples, heard):
    assert heard_text((Clause("One ", 100), Clause("two three. ", 100), Clause("Four.", 100)), samples) == heard


def test_what_is_shown_and_not_spoken_counts_as_heard_when_its_turn_has_come():
    code = (Clause("See: ", 100), Clause("```x```", 0), Clause(" Done.", 100))
    assert heard_text(code, 99) == "See:"
    assert heard_text(code, 100) == "See: ```x```"


def test_an_item_can_be_put_in_front_of_the_others_and_taken_out_again():
    script = Script()
    script.type("Second.")
    script.on(e.HistoryItemAdded(UserItem("first", ("First.",)), ""))
    assert script.said(notices.ItemCommitted)[-1].after == ""
    assert script.state.items[0].id == "first"
    script.on(e.ItemRemoved("first"))
    assert script.state.find_item("first") is None


def test_the_running_answer_cannot_be_taken_out():
    script = speaking()
    item = script.state.answer.item
    script.on(e.ItemRemoved(item))
    assert script.state.find_item(item) is not None


def test_a_late_word_of_an_old_answer_changes_nothing():
    script = speaking()
    old = script.state.answer.id
    script.on(e.CancelRequested())
    before = script.state
    for event in (
        e.ClauseSynthesized(old, 2, "More.", 100),
        e.AudioSent(old, 10**6),
        e.AnswerSent(old, "stop"),
        e.AnswerFailed(old, "x"),
    ):
        assert kinds(script.on(event)) == []
    assert script.state == before
