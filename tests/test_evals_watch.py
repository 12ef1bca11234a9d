"""The benchmark of watching: its clips, how a caller's lines are read, its figures, and a whole round."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageStat

from evals.conversation import watch_phase
from evals.conversation.caller_script import Script, Show, Watch, read_plan, write_plan
from evals.conversation.talk_server import TalkBench
from evals.conversation.watch_clips import BEFORE, WIDTH, make_watched_clips, still_frame
from evals.conversation.watch_outcomes import WatchOutcome, read_watch, watch_figures
from evals.conversation.watch_pictures import HELD_OUT, LabelledPicture, own_pictures, photos_of
from tests.duplex_world import TimedEngine
from tests.fakes import Answer
from tests.realtime_server import talk
from vita.duplex.watch_asking import LOOKS_LATE
from vita.engine.engine_protocol import Request
from vita.media import Picture
from vita.realtime.standalone_server import serve_sessions

COLOURS = {"a red wall": "red", "a green wall": "green", "a blue wall": "blue"}
WALLS = [LabelledPicture(Image.new("RGB", (40, 40), colour), words) for words, colour in COLOURS.items()]


def redness(frame: bytes) -> float:
    red, green, blue = ImageStat.Stat(Image.open(io.BytesIO(frame)).convert("RGB")).mean
    return red - max(green, blue)


def test_a_thing_comes_in_when_its_clip_says_and_fills_the_picture():
    clips = make_watched_clips([*WALLS, LabelledPicture(Image.new("RGB", (40, 40), "black"), "")], 3, 3)
    (red,) = [clip for clip in clips[:3] if clip.watched == "a red wall"]
    assert BEFORE[0] <= red.comes <= BEFORE[1]
    levels = [redness(frame) for frame in red.frames]
    assert all(level < 100 for level in levels[: int(red.comes) + 1])
    assert all(level > 200 for level in levels[int(red.comes) + 2 :])
    assert still_frame(red).width == WIDTH


def test_clips_are_the_same_each_time_and_half_of_them_never_show_what_is_watched_for():
    first, second = make_watched_clips(WALLS, 4, 5), make_watched_clips(WALLS, 4, 5)
    assert first == second
    assert [clip.is_wanted for clip in first] == [True] * 4 + [False] * 5
    assert len(set(first[0].frames)) == len(first[0].frames), "no two frames are alike"


def test_the_repositorys_own_pictures_are_named():
    words = [picture.words for picture in own_pictures()]
    assert {"a cat", "a cup of coffee", "a dog"} <= set(words)
    assert len(set(words)) > 50


def test_of_photos_only_the_held_out_ones_are_taken(tmp_path):
    rows = [("Faces", f"f{number}.png") for number in range(9)] + [("BACKGROUND_Google", "b.png"), ("ant", "a.png")]
    for _, name in rows:
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    (tmp_path / "labels.csv").write_text("file,category\n" + "".join(f"{name},{kind}\n" for kind, name in rows))
    words = [picture.words for picture in photos_of(tmp_path)]
    assert words.count("a person") == HELD_OUT
    assert (words.count(""), words.count("an ant")) == (1, 1)


def line(t: float, kind: str, **more) -> dict:
    return {"t": t, "kind": kind, **more}


FRAMES = [line(10.0 + number, "frame", number=number) for number in range(10)]
SEEN = [
    line(15.9, "vita.watch_looked", data={"looked": 5, "skipped": 1}),
    line(15.95, "vita.watch_seen", data={}),
    line(16.0, "response.created"),
    line(16.4, "response.output_audio.delta"),
]


def of(*lines: dict) -> list[dict]:
    return sorted([*FRAMES, *lines], key=lambda one: one["t"])


def test_the_delay_is_from_the_moment_at_which_the_thing_came_in():
    read = read_watch(of(*SEEN), True, 4.5, True)
    assert (read.began, read.sounded) == (pytest.approx(1.5), pytest.approx(1.9))
    assert (read.early, read.looked, read.skipped, read.seconds) == (False, 5, 1, 4.5)


def test_an_answer_before_it_came_or_to_another_thing_is_a_false_alarm():
    early = read_watch(of(*SEEN), True, 7.0)
    assert (early.early, early.began, early.seconds) == (True, None, pytest.approx(5.95))
    assert read_watch(of(*SEEN), False, 4.5).early


def test_silence_is_a_miss_where_it_came_and_right_where_it_did_not():
    missed, right = read_watch(FRAMES, True, 4.5), read_watch(FRAMES, False, 4.5)
    assert (missed.began, missed.seconds) == (None, 4.5)
    assert (right.early, right.seconds) == (False, 10.0)
    assert read_watch([line(1.0, "error")], True, 4.5).refused


def test_figures_count_misses_over_what_came_and_alarms_over_the_minutes_without_it():
    told = WatchOutcome(True, True, seconds=30, began=1.5, sounded=2.0, looked=9, skipped=1)
    missed, unknown = WatchOutcome(True, True, seconds=30), WatchOutcome(True, False, seconds=30)
    alarm, quiet = WatchOutcome(False, seconds=10, early=True), WatchOutcome(False, seconds=20)
    figures = watch_figures([told, missed, unknown, alarm, quiet, WatchOutcome(True, refused=True)])
    assert figures["watch_delay_s"] == 1.5
    assert figures["watch_sound_s"] == 2.0
    assert figures["watch_missed_rate"] == pytest.approx(2 / 3)
    assert figures["watch_missed_known_rate"] == 0.5
    assert figures["watch_false_alarms_min"] == pytest.approx(0.5)
    assert figures["watch_skipped_rate"] == 0.1
    assert figures["watch_clips"] == {"wanted": 3, "known": 2, "others": 2}
    assert figures["watch_refused"] == 1


def test_without_clips_there_are_no_figures():
    assert watch_figures([])["watch_delay_s"] is None
    assert watch_figures([])["watch_false_alarms_min"] is None


def test_a_plan_with_a_watch_is_read_as_it_was_written():
    script = Script((Watch("a dog"), Show(("a.jpg", "b.jpg"))))
    assert read_plan(write_plan([script])) == [script]


def says_what_is_red(request: Request) -> Answer:
    if request.priority != LOOKS_LATE:
        return Answer("It is there.")
    (shown,) = request.turns[-1].media
    assert isinstance(shown, Picture)
    red, green, blue = ImageStat.Stat(shown.image.convert("RGB")).mean
    odds = 3.0 if red > green + blue + 80 else -3.0
    return Answer("Yes" if odds > 0 else "No", None, choice_logprobs={"Yes": odds, "No": 0.0})


async def test_a_whole_round_over_a_live_server(tmp_path, monkeypatch):
    """Of a model that says yes to all that is red: the red wall is told of, and so is what is taken for another."""
    monkeypatch.setattr(watch_phase, "own_pictures", lambda: WALLS)
    engines = [TimedEngine(says_what_is_red, name=name, decide=0.05, token=0.01) for name in "ab"]
    told: list[str] = []
    service = talk(engines)
    async with serve_sessions(service) as address:
        bench = TalkBench(engines[0], service, address, tmp_path, 6, 1, told.append)
        figures = await watch_phase.measure_watching(bench)
    assert figures["watch_clips"]["wanted"] == 2
    assert figures["watch_refused"] == 0
    assert 0 < figures["watch_minutes"] < 1
    assert len(told) == 4
