"""What the tab Talk makes of events."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from tests.talk_scripts import script


def told(*events: dict, asked: str) -> object:
    """What ``asked`` of a story is after the events, one each second."""
    lines = [{"t": n, "from": "server", "event": event} for n, event in enumerate(events)]
    return script(f"const story = new Story(); lines.forEach((line) => story.add(line)); return {asked};", lines=lines)


def vita(name: str, **data) -> dict:
    return {"type": f"vita.{name}", "data": data}


ENGINES = vita("engines", engines=[{"name": "a"}, {"name": "b"}])
BEGUN = vita("roles", generator="b", monitor="a", answer=1, item_id="x")
ITEM = {"type": "conversation.item.added", "item": {"id": "x", "role": "assistant", "content": []}}
TEXT = {"type": "response.output_audio_transcript.done", "item_id": "x", "transcript": "One two three."}
DONE = {"type": "response.done", "response": {"status": "completed", "output": [{"id": "x"}]}}


def spans(*events: dict) -> list:
    return [(span["lane"], span["kind"], span["begin"], span["end"]) for span in told(*events, asked="story.spans")]


def test_the_engines_swap_roles_on_the_timeline():
    deciding, state = vita("deciding", engine=1), vita("state", state="AUDIO_QUERY", engine="b", seconds=0.2)
    assert spans(ENGINES, vita("warming", engine=1), deciding, state, ITEM, BEGUN, DONE) == [
        ("b", "monitoring", 1, 2),
        ("b", "deciding", 2, 3),
        ("b", "monitoring", 3, 5),
        ("a", "monitoring", 5, None),
        ("b", "generating", 5, 6),
    ]


def test_a_prefill_that_came_before_the_engines_names_is_on_the_right_lane():
    marks = told(vita("warming", engine=1), ENGINES, asked="story.marks")
    assert marks == [{"t": 0, "lane": "b", "kind": "warming"}]


def test_one_engine_alone_listens_again_after_its_answer():
    alone = vita("engines", engines=[{"name": "a"}])
    begun = vita("roles", generator="a", monitor="a", answer=1, item_id="x")
    assert spans(alone, ITEM, begun, DONE)[-1] == ("a", "monitoring", 3, None)


def stages(**stage: str) -> dict:
    return vita("engines", engines=[{"name": name, "stage": value} for name, value in stage.items()])


def test_an_engine_that_is_lost_and_back_is_told_and_drawn_and_the_other_goes_on():
    lost, back = stages(a="failed", b="ready"), stages(a="ready", b="ready")
    events = (stages(a="ready", b="ready"), vita("warming", engine=0), lost, vita("deciding", engine=0), lost, back)
    turns = told(*events, asked="story.turns")
    assert [(turn["role"], turn["why"], turn["name"]) for turn in turns] == [
        ("remark", "gone", "a"),
        ("remark", "back", "a"),
    ]
    assert spans(*events) == [("a", "monitoring", 1, 2), ("a", "gone", 2, 5)]


def test_noise_is_remarked_once_with_a_count():
    dismissed = vita("dismissed", item_id="u", why="noise")
    turns = told(ENGINES, dismissed, dismissed, dismissed, asked="story.turns")
    assert [(turn["role"], turn["why"], turn["count"]) for turn in turns] == [("remark", "noise", 3)]


def test_speech_and_pictures_become_a_turn_and_a_camera_picture_alone_does_not():
    picture = {
        "type": "conversation.item.added",
        "item": {"id": "f", "role": "user", "content": [{"type": "input_image"}]},
    }
    events = (
        picture,
        {"type": "input_audio_buffer.speech_started", "item_id": "u", "audio_start_ms": 500},
        {"type": "input_audio_buffer.speech_stopped", "item_id": "u", "audio_end_ms": 2000},
        {"type": "conversation.item.added", "item": {"id": "u", "role": "user", "content": [{"type": "input_audio"}]}},
        vita("frames", item_id="u", frames=["f"]),
    )
    (turn,) = told(*events, asked="story.turns")
    assert (turn["id"], turn["seconds"], turn["frames"], turn["voice"]) == ("u", 1.5, ["f"], True)


def asked(name: str, kind: str) -> dict:
    content = [{"type": kind, "text": "What is this?"}]
    return {"type": "conversation.item.added", "item": {"id": name, "role": "user", "content": content}}


def answered(name: str, **usage) -> tuple[dict, dict]:
    begun = {"type": "conversation.item.added", "item": {"id": name, "role": "assistant", "content": []}}
    return begun, {
        "type": "response.done",
        "response": {"status": "completed", "output": [{"id": name}], "usage": usage},
    }


PRICE = {"input_tokens": 1300, "input_token_details": {"image_tokens": 1024}}


def test_the_tokens_of_pictures_stand_with_the_question_that_they_went_with():
    seen = vita("frames", item_id="u", frames=["f", "g"])
    turns = told(asked("u", "input_audio"), seen, *answered("x", **PRICE), asked="story.turns")
    assert turns[0]["cost"] == {"tokens": 1024, "prompt": 1300}
    assert "cost" not in turns[1]


def test_pictures_that_went_with_typed_text_are_shown_with_it():
    seen = vita("frames", item_id="an item that is no turn", frames=["f"])
    turns = told(asked("t", "input_text"), seen, *answered("x", **PRICE), asked="story.turns")
    assert (turns[0]["frames"], turns[0]["cost"]["tokens"]) == (["f"], 1024)


@pytest.mark.parametrize("usage", [{}, {"input_tokens": 9, "input_token_details": {"image_tokens": 0}}])
def test_no_cost_is_told_where_there_were_no_pictures_or_nobody_counted(usage):
    seen = vita("frames", item_id="u", frames=["f"])
    assert "cost" not in told(asked("u", "input_audio"), seen, *answered("x", **usage), asked="story.turns")[0]
    alone = told(asked("u", "input_audio"), *answered("x", **PRICE), asked="story.turns")
    assert "cost" not in alone[0]


@pytest.mark.parametrize(
    ("heard", "parts"),
    [
        ("One two", ["One two", " three."]),
        ("One two three.", ["One two three.", ""]),
        ("", ["", "One two three."]),
        ("One twoish", ["One two", " three."]),
    ],
)
def test_an_interrupted_answer_is_split_into_heard_and_unheard(heard, parts):
    cut, known = vita("cut", item_id="x"), vita("heard", item_id="x", heard=heard)
    assert told(ITEM, TEXT, cut, known, asked='heardAndNot(story.turn("x"))') == parts
    assert told(ITEM, TEXT, cut, known, asked='story.turn("x").cut') is True


def test_text_that_nobody_cut_is_heard_whole():
    assert told(ITEM, TEXT, asked='heardAndNot(story.turn("x"))') == ["One two three.", ""]


def test_vitas_voice_is_where_it_really_played():
    events = [{"type": "page." + kind, "item": "x"} for kind in ("began", "dry", "flowing", "ended")]
    assert spans(*events) == [("vita", "voice", 0, 1), ("vita", "voice", 2, 3)]


def test_the_waterfall_counts_from_the_end_of_the_question():
    first = {"speech_end": 10, "decided": 10.5, "first_token": 11, "first_sound": 12, "played": 12.5}
    typed = {"speech_end": 20, "decided": None, "first_token": 20.5, "first_sound": 21, "played": 21}
    rows, figures = script("return [timings.map(milestones), summary(timings)];", timings=[first, typed])
    assert rows == [[0.5, 1, 2, 2.5], [None, 0.5, 1, 1]]
    assert figures["first_token"] == {"p50": 0.5, "p95": 1}
    assert figures["decided"] == {"p50": 0.5, "p95": 0.5}


def test_answers_to_spoken_and_to_typed_questions_are_counted_apart():
    turns = [
        {"id": "u1", "role": "user", "voice": True}, {"id": "a1", "role": "vita"},
        {"id": "u2", "role": "user", "voice": False}, {"id": "a2", "role": "vita"},
        {"id": "r", "role": "remark"}, {"id": "a3", "role": "vita"},
    ]  # fmt: skip
    timings = [{"item": name, "speech_end": 0} for name in ("a1", "a2", "a3")]
    timings += [{"item": "gone", "speech_end": 0, "decided": 1.0}, {"item": "lost", "speech_end": 0, "decided": None}]
    kinds = script("return byQuestion(timings, turns);", turns=turns, timings=timings)
    assert [timing["item"] for timing in kinds["spoken"]] == ["a1", "gone"]
    assert [timing["item"] for timing in kinds["typed"]] == ["a2", "a3", "lost"]


def test_a_timing_that_is_told_again_takes_the_place_of_the_first():
    events = (vita("timing", item="x", played=None), vita("timing", item="y"), vita("timing", item="x", played=2.5))
    assert told(*events, asked="story.timings") == [{"item": "x", "played": 2.5}, {"item": "y"}]


def created(session: str) -> dict:
    return {"type": "session.created", "session": {"id": session}}


def test_a_conversation_that_begins_anew_leaves_what_was_said_before_as_it_is():
    again = {"type": "response.output_audio_transcript.delta", "item_id": "x", "delta": "Other"}
    began = {"type": "page.began", "item": "x"}
    first = (created("s1"), ENGINES, vita("warming", engine=0), ITEM, BEGUN, TEXT, began, vita("timing", item="x", n=1))
    second = (created("s2"), ENGINES, ITEM, again, vita("timing", item="x", n=2))
    turns, timings, open_spans = told(
        *first, *second, asked="[story.turns, story.timings, story.spans.filter((span) => span.end === null)]"
    )
    assert [(turn["role"], turn["text"], turn.get("live")) for turn in turns] == [
        ("vita", "One two three.", False),
        ("remark", "", None),
        ("vita", "Other", True),
    ]
    assert turns[0]["playing"] is False
    assert turns[1]["why"] == "anew"
    assert timings == [{"item": "x", "n": 1}, {"item": "x", "n": 2}]
    assert open_spans == []


def test_a_conversation_that_is_taken_up_again_goes_on_in_the_same_turn():
    (turn,) = told(created("s1"), ITEM, created("s1"), TEXT, DONE, asked="story.turns")
    assert (turn["text"], turn["live"]) == ("One two three.", False)


def test_nothing_is_being_said_any_more_once_the_visitor_has_ended_it():
    began = {"type": "page.began", "item": "x"}
    (turn,) = told(ITEM, BEGUN, began, {"type": "page.end"}, asked="story.turns")
    assert (turn["live"], turn["playing"]) == (False, False)


def test_percentiles_are_values_that_were_measured():
    values = list(range(1, 21))
    assert script("return [50, 95, 100].map((p) => percentile(values, p));", values=values) == [10, 19, 20]
    assert script("return percentile([], 50);") is None


def test_a_log_is_read_back_and_anything_else_is_refused():
    lines = [{"t": 0, "from": "page", "event": {"type": "page.end"}}]
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    assert script("return parseLog(text);", text=text) == lines
    tried = "try { parseLog(text); return 'taken'; } catch { return 'refused'; }"
    assert [script(tried, text=text) for text in ('{"a": 1}\n', "no JSON", "")] == ["refused"] * 3


def test_a_log_holds_no_sound():
    delta = {"type": "response.output_audio.delta", "item_id": "x", "delta": "QUJD" * 10}
    assert script("return withoutMedia(delta);", delta=delta) == {
        "type": "response.output_audio.delta", "item_id": "x", "bytes": 30,
    }  # fmt: skip


def connection(state: str) -> dict:
    return {"type": "page.connection", "state": state}


SHOWN = """shownPhase((key) => key, story, 9, { muted: false, push: false, held: false, records: true, ...more })"""


@pytest.mark.parametrize(
    ("states", "away"),
    [
        (["lost"], True),
        (["silent"], True),
        (["silent", "heard"], False),
        (["lost", "connecting"], True),
        (["lost", "connecting", "open"], False),
    ],
)
def test_a_story_knows_whether_its_connection_is_away(states, away):
    events = (created("s1"), vita("phase", phase="listening", voice=True), *map(connection, states))
    assert told(*events, asked="story.away") is away


def test_a_conversation_that_has_not_begun_is_not_away():
    assert told(connection("connecting"), connection("busy"), connection("lost"), asked="story.away") is False


@pytest.mark.parametrize(
    ("more", "phase", "word"),
    [
        ({"away": True}, "away", "phase.away.records"),
        ({"away": True, "records": False}, "away", "phase.away"),
        ({"push": True}, "muted", "phase.push"),
        ({"push": True, "held": True}, "listening", "phase.held"),
        ({"muted": True}, "muted", "phase.muted"),
        ({}, "listening", "phase.listening"),
    ],
)
def test_the_bar_says_what_goes_on(more, phase, word):
    code = "const story = new Story(); story.phase = 'listening'; story.away = more.away ?? false; return " + SHOWN
    assert script(code, more=more) == [phase, word, None]


def test_what_a_session_is_told_of_the_past_is_no_turn_of_it():
    past = {"type": "conversation.item.added", "item": {"id": "past_0", "role": "user", "content": []}}
    assert told(created("s1"), past, asked="story.turns") == []


TURNS = [
    {"role": "user", "text": "What is red?"},
    {"role": "vita", "text": "A rose is red. So is fire.", "heard": "A rose is red."},
    {"role": "remark", "text": "", "why": "noise"},
    {"role": "user", "text": "", "voice": True},
    {"role": "vita", "text": "Never heard.", "heard": ""},
]


def test_the_past_is_what_was_said_and_of_answers_what_was_heard():
    told_again = script("return pastEvents(turns);", turns=TURNS)
    assert [(event["item"]["role"], event["item"]["content"]) for event in told_again] == [
        ("user", [{"type": "input_text", "text": "What is red?"}]),
        ("assistant", [{"type": "output_text", "text": "A rose is red."}]),
    ]


def test_of_a_long_past_the_end_is_told():
    turns = [{"role": "user", "text": f"{n} " + "x" * 700} for n in range(60)]
    told_again = script("return pastEvents(turns);", turns=turns)
    assert len(told_again) == 11
    assert told_again[-1]["item"]["content"][0]["text"].startswith("59 ")
    assert len({event["item"]["id"] for event in told_again}) == 11


SAID = [
    {"role": "user", "text": "Why is the sky blue?", "t": 9, "from": 2.25, "seconds": 1.5, "voice": True},
    {"role": "vita", "text": "Air scatters light. More of blue.", "heard": "Air scatters light.", "t": 4, "from": 4.5,
     "until": 6.0},
    {"role": "remark", "text": "", "why": "noise", "t": 5},
    {"role": "user", "text": "Typed.", "t": 3661.5},
]  # fmt: skip


def test_subtitles_stand_where_what_they_say_is_heard():
    text = script("return subtitles({ turns }, (key) => key.slice(5));", turns=SAID)
    assert text == (
        "1\n00:00:02,250 --> 00:00:03,750\nuser: Why is the sky blue?\n\n"
        "2\n00:00:04,500 --> 00:00:06,000\nvita: Air scatters light.\n\n"
        "3\n01:01:01,500 --> 01:01:02,000\nuser: Typed.\n\n"
    )


def test_a_transcript_is_a_line_a_turn():
    text = script("return transcriptText({ turns }, (key) => key.slice(5));", turns=SAID)
    assert text.splitlines() == [
        "[00:00:02] user: Why is the sky blue?",
        "[00:00:04] vita: Air scatters light.",
        "[01:01:01] user: Typed.",
    ]


@pytest.mark.parametrize("text", ["One two three. " * 30, "天空为什么是蓝色的？" * 30, "x" * 300])
def test_a_long_answer_is_many_subtitles_that_fill_its_time_without_a_gap(text):
    turn = {"role": "vita", "text": text, "t": 0, "from": 1, "until": 31}
    cues = script("return subtitles({ turns }, () => '').trim().split('\\n\\n');", turns=[turn])
    lines = [cue.splitlines() for cue in cues]
    assert len(lines) > 3
    assert max(len(line[2]) for line in lines) <= 84 + 2
    assert "".join(line[2].removeprefix(":") for line in lines).replace(" ", "") == text.replace(" ", "")
    times = [line[1].split(" --> ") for line in lines]
    assert (times[0][0], times[-1][1]) == ("00:00:01,000", "00:00:31,000")
    assert all(end == begin for (_, end), (begin, _) in pairwise(times))


def test_speech_begins_in_the_recording_where_the_session_heard_it():
    events = (
        {"type": "page.listening", "at": 10.0},
        {"type": "input_audio_buffer.speech_started", "item_id": "u", "audio_start_ms": 500},
    )
    assert told(*events, asked="story.turns[0].from") == 10.5


def test_what_was_said_with_the_button_held_lasts_as_long_as_it_was_held():
    item = {"id": "u", "role": "user", "content": [{"type": "input_audio"}]}
    events = ({"type": "page.held", "from": 3.0, "seconds": 1.2}, {"type": "conversation.item.added", "item": item})
    (turn,) = told(*events, asked="story.turns")
    assert (turn["from"], turn["seconds"], turn["voice"]) == (3.0, 1.2, True)
