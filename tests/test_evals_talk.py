"""The benchmark of conversations: its reading of what a caller noted, its player, its sounds, and a whole round."""

from __future__ import annotations

import numpy as np
import pytest

from evals.cli import options
from evals.conversation import caller_sounds, talk_phases
from evals.conversation.caller_log import (
    ClipOutcome,
    all_said,
    count_underruns,
    false_cut_figures,
    interruption_figures,
    percentile_or_none,
)
from evals.conversation.caller_script import Cancel, Rest, Say, Script, Type, Until, Wait, read_plan, write_plan
from evals.conversation.caller_sounds import CallerClip
from evals.conversation.isolated_parts import IsolatedParts, measure_alone, median_parts
from evals.conversation.simulated_player import FADE, RATE, Player
from evals.conversation.talk_benchmark import TalkPlan, measure_conversations, starting_figures
from evals.conversation.talk_server import TalkBench
from evals.conversation.talk_table import of_figures
from tests.duplex_world import TimedEngine
from tests.fakes import Answer
from tests.realtime_server import STORY, QuickVoice, talk
from vita.engine.engine_protocol import Request
from vita.realtime.standalone_server import serve_sessions
from vita.tokens import State

SPANS = {"q": (0.1, 1.1)}  # begins at 10.1 and ends at 11.1 where it is played at 10


def line(t: float, kind: str, **more) -> dict:
    return {"t": t, "kind": kind, **more}


def delta(t: float, item: str, samples: int = 2400) -> dict:
    return line(t, "response.output_audio.delta", item_id=item, samples=samples)


def data(t: float, kind: str, **more) -> dict:
    return line(t, f"vita.{kind}", data=more)


INTERRUPTED = [
    line(8.0, "type", text="A story."),
    line(8.5, "player.began", item="a", samples=0),
    line(9.9, "say", name="q"),
    line(10.0, "voice", at=10.0),
    data(10.2, "duck", on=True),
    data(11.15, "deciding", decision=1, engine=0, item_id="u"),
    data(11.4, "state", state="AUDIO_QUERY", engine="x", seconds=0.2),
    data(11.45, "cut", answer=1, item_id="a"),
    line(11.46, "player.ended", item="a", samples=9),
    delta(11.5, "a", 500),
    delta(12.0, "b"),
    line(12.1, "cancel"),
]


def test_an_interruption_is_read_with_its_times():
    (said,) = all_said(INTERRUPTED, SPANS)
    assert (said.begin, said.end, said.overlapped) == (10.1, 11.1, "a")
    figures = interruption_figures([said])
    assert figures["duck_ms"] == pytest.approx(100)
    assert figures["cut_after_end_ms"] == pytest.approx(350)
    assert figures["cut_over_token_ms"] == pytest.approx(150)
    assert figures["frames_after_cut"] == 2  # 500 samples begin a second frame
    assert figures["interruption_answer_ms"] == pytest.approx(900)
    assert figures["missed_interruption_rate"] == 0


def test_an_answer_that_went_on_is_a_miss_and_one_that_was_over_is_no_interruption():
    kept = [line for line in INTERRUPTED if line["kind"] not in ("vita.cut", "player.ended")]
    (said,) = all_said(kept, SPANS)
    assert interruption_figures([said])["missed_interruption_rate"] == 1
    over = [*INTERRUPTED[:2], line(9.0, "player.ended", item="a", samples=9), *INTERRUPTED[2:]]
    (said,) = all_said(over, SPANS)
    assert interruption_figures([said])["interruptions"] == 0
    faded = [line if line["kind"] != "vita.cut" else line | {"kind": "x"} for line in INTERRUPTED]
    faded[8] = line(10.9, "player.ended", item="a", samples=9)
    assert all_said(sorted(faded, key=lambda one: one["t"]), SPANS)[0].overlapped == ""


@pytest.mark.parametrize(("after", "overlapped"), [(0.3, ""), (0.9, "a")])
def test_an_answer_that_ends_by_itself_right_behind_a_question_could_not_be_cut(after, overlapped):
    kept = [line for line in INTERRUPTED if line["kind"] not in ("vita.cut", "player.ended", "cancel")]
    kept.append(line(11.1 + after, "player.ended", item="a", samples=9))
    (said,) = all_said(sorted(kept, key=lambda one: one["t"]), SPANS)
    assert said.overlapped == overlapped


def test_an_answer_that_ends_behind_the_verdict_could_have_been_cut():
    kept = [line for line in INTERRUPTED if line["kind"] not in ("vita.cut", "player.ended", "cancel")]
    over = line(11.45, "player.ended", item="a", samples=9)  # within the grace, but the verdict came at 11.4
    (said,) = all_said(sorted([*kept, over], key=lambda one: one["t"]), SPANS)
    assert (said.overlapped, said.cut) == ("a", None)
    early = [one | {"t": 11.0} if one["kind"] == "vita.state" else one for one in kept]  # on the half of it
    (said,) = all_said(sorted([*early, over], key=lambda one: one["t"]), SPANS)
    assert said.overlapped == ""


def test_plays_without_an_answer_are_told_and_so_are_queries_that_met_none_at_all():
    met, unmet = ClipOutcome("one", 0, 1, "a", cut=1.5), ClipOutcome("two", 0, 1)
    figures = interruption_figures([ClipOutcome("one", 0, 1), met, unmet, unmet])
    assert (figures["interruptions"], figures["interruptions_replayed"], figures["interruptions_left_out"]) == (1, 3, 1)
    assert false_cut_figures({"noise": [met, unmet]})["false_cut_left_out"] == {"noise": 1}


def test_false_cuts_are_counted_over_all_and_by_kind():
    cut, kept = ClipOutcome("one", 0, 1, "a", cut=1.5), ClipOutcome("two", 0, 1, "a")
    figures = false_cut_figures({"noise": [kept, kept, ClipOutcome("alone", 0, 1)], "backchannel": [cut, kept]})
    assert figures["false_cut_rate"] == 0.25
    assert figures["false_cut_rates"] == {"noise": 0, "backchannel": 0.5}
    assert figures["false_cut_names"]["backchannel"] == ["one"]


@pytest.mark.parametrize(("values", "percent", "found"), [([], 50, None), ([3, 1, 2], 50, 2), ([1, 2, 3, 4], 100, 4)])
def test_percentiles(values, percent, found):
    assert percentile_or_none(values, percent) == found


def heard(player: Player, told: list, frames: int) -> list:
    """What the player tells in so many frames of 20 ms."""
    told.clear()
    for _ in range(frames):
        player.pull_samples(RATE // 50)
    return [kind for kind, _, _ in told if kind != "played"]


def test_the_player_waits_for_a_little_sound_and_counts_each_time_it_runs_dry():
    told: list[tuple[str, str, int]] = []
    player = Player(lambda *one: told.append(one))
    tenth = bytes(2 * RATE // 10)
    player.push_sound("a", tenth[:960])
    assert heard(player, told, 1) == []
    player.push_sound("a", tenth)
    assert heard(player, told, 8) == ["began", "dry"]
    player.push_sound("a", tenth * 2)
    assert heard(player, told, 3) == ["flowing"]
    player.end_item("a")
    assert heard(player, told, 12) == ["ended"]
    assert count_underruns([{"kind": "player.flowing"}]) == 1


def test_a_cut_is_heard_at_once_and_what_comes_late_is_dropped():
    told: list[tuple[str, str, int]] = []
    player = Player(lambda *one: told.append(one))
    loud = np.full(RATE, 8000, "<i2").tobytes()
    player.push_sound("a", loud)
    assert player.pull_samples(480).max() > 0.2
    player.set_ducked(True)
    player.pull_samples(RATE // 50)  # the gain falls for 20 ms
    assert 0 < player.pull_samples(480).max() < 0.05
    player.stop_item("a")
    player.push_sound("a", loud)
    assert player.pull_samples(480)[FADE:].max() == 0
    assert told[-1] == ("ended", "a", 1440)


def test_a_plan_is_read_as_it_was_written():
    steps = (Type("Hi.", ask=False), Say("x.wav", "q"), Wait(("a", "b"), 3.0), Rest(1.0), Until(2.0), Cancel())
    plan = [Script(steps, echo=0.1), Script((), after=2.0)]
    assert read_plan(write_plan(plan)) == plan


def test_sounds_are_the_same_each_time_and_begin_and_end_where_they_are_heard():
    one, other = (caller_sounds.noise_clips(12) for _ in range(2))
    assert {clip.name.rstrip(" 0123456789") for clip in one} == set(caller_sounds.NOISES)
    assert len({clip.name for clip in one}) == len(one), "a caller tells them apart by name"
    assert all((a.samples == b.samples).all() for a, b in zip(one, other, strict=True))
    quiet, loud = np.zeros(1600, np.float32), np.full(3200, 0.5, np.float32)
    assert CallerClip("query", "", np.concatenate([quiet, loud, quiet])).audible_span == (0.1, 0.3)


def test_people_across_the_room_are_quieter_and_longer_heard_than_those_who_nod():
    (nod,), (aside,) = caller_sounds.backchannel_clips(1), caller_sounds.background_clips(1)
    assert np.abs(aside.samples).max() < 0.3 * np.abs(nod.samples).max()
    assert aside.audible_span[1] > nod.audible_span[1]


def test_the_table_says_what_holds():
    text = of_figures({"duck_ms": 120.0, "false_cut_rate": 0.2, "conversations": 3, "warm_cold_ratio": None})
    rows = {row.split("|")[2].strip(): [cell.strip() for cell in row.split("|")[3:6]] for row in text.splitlines()}
    assert rows["duck_ms"] == ["120 ms", "150 ms", "yes"]
    assert rows["false_cut_rate"] == ["20.0 %", "3.0 %", "no"]
    assert rows["conversations"] == ["3", "", ""]
    assert rows["warm_cold_ratio"] == ["-", "0.35 x", ""]


def test_the_command_measures_all_parts_unless_told():
    assert tuple(options.parse_command_line(["talk"]).only) == tuple(talk_phases.PHASES)
    assert options.parse_command_line(["talk", "--only", "crowds", "--size", "4"]).size == 4


def reply(request: Request) -> Answer:
    if request.sampling.max_tokens == 1:
        return Answer("", None)
    return Answer(STORY, State.AUDIO_QUERY if State.NOISE in request.sampling.states else State.TEXT_QUERY)


@pytest.fixture
async def bench(tmp_path):
    engines = [TimedEngine(reply, name=name, decide=0.05, token=0.01) for name in "ab"]
    service = talk(engines)
    async with serve_sessions(service) as address:
        yield TalkBench(engines[0], service, address, tmp_path, 1, 1, lambda told: None)


async def test_a_question_into_an_answer_is_measured_at_the_caller(bench):
    figures = await talk_phases.measure_interruptions(bench)
    assert figures["interruptions"] == 1
    assert figures["missed_interruption_rate"] == 0
    assert figures["frames_after_cut"] == 0
    assert figures["duck_ms"] > 0
    assert figures["interruption_answer_ms"] > figures["cut_after_end_ms"]


async def test_the_parts_of_a_beginning_are_measured_one_after_the_other():
    engine = TimedEngine(reply, decide=0.05, token=0.01)
    parts = await measure_alone(engine, QuickVoice(), np.zeros(8000, np.float32))
    assert parts.decision >= 0.05
    assert parts.clause >= 0.01
    assert parts.total_seconds == parts.decision + parts.clause + parts.synthesis
    noise = TimedEngine(lambda request: Answer("", State.NOISE))
    assert await measure_alone(noise, QuickVoice(), np.zeros(8000, np.float32)) is None


async def test_a_run_goes_on_with_the_parts_that_are_left_of_the_same_run_alone():
    plan = TalkPlan(size=4, parts=("questions",))
    fresh = starting_figures(plan, {})
    assert fresh["parts"] == []
    ended = {**fresh, "parts": ["questions"], "first_sound_s": 0.5}
    again = starting_figures(plan, ended)
    assert await measure_conversations(plan, again, pytest.fail, pytest.fail, None) == ended, (
        "nothing is left, so that nothing loads"
    )
    assert starting_figures(TalkPlan(size=5), ended)["parts"] == []
    assert "first_sound_s" not in starting_figures(plan, {**ended, "git": "another"})


async def test_a_sound_that_met_no_answer_is_played_again_and_several_conversations_are_held_at_once(bench):
    quiet = np.zeros(1600, np.float32)
    clips = [CallerClip("noise", f"click {number}", quiet + np.float32(0.1)) for number in range(5)]
    held: list[int] = []
    call = bench.hold_calls

    async def counted(*scripts):
        held.append(len(scripts))
        logs = await call(*scripts)
        return [[one for one in lines if len(held) > 1 or one["kind"] != "player.began"] for lines in logs]

    bench.hold_calls = counted  # the first time nobody hears an answer
    playing = talk_phases.Playing(lambda clip: (bench.say_step(clip), Rest(0.1)), at_once=2)
    said = await talk_phases._into_answers(bench, clips, playing)
    assert held[:2] == [2, 2], "five clips are two conversations"
    assert [bool(one.overlapped) for one in said[:5]] == [False] * 5
    assert len(said) >= 10


def test_parts_that_were_measured_alone_are_summed_up_part_by_part():
    parts = [IsolatedParts(0.1, 0.2, 0.3), IsolatedParts(0.2, 0.4, 0.1), IsolatedParts(0.3, 0.6, 0.9)]
    assert median_parts(parts) == {"decision": 0.2, "clause": 0.4, "synthesis": 0.3, "total": pytest.approx(0.7)}
    assert set(median_parts([]).values()) == {None}
