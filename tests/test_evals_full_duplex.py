"""Full-Duplex-Bench's folders become its numbers."""

from __future__ import annotations

import json

import pytest

from evals import __main__
from evals.conversation import recorded_full_duplex
from evals.conversation.recorded_full_duplex import KINDS, read_recordings
from evals.scorers import full_duplex_metrics
from evals.scorers.full_duplex_metrics import Span
from evals.task import Judged, ModelAnswer
from evals.task_rows import rows_of
from evals.tasks import TASKS
from vita.errors import InputError


def write(folder, number, words, **files):
    item = folder / str(number)
    item.mkdir(parents=True)
    chunks = [{"text": "w", "timestamp": list(span)} for span in words]
    (item / "output.json").write_text(json.dumps({"text": "", "chunks": chunks}))
    for name, content in files.items():
        (item / f"{name}.json").write_text(json.dumps(content))


TURN = [(2.0, 2.5), (2.6, 3.4)]


def test_turns_and_their_latency_are_read_from_the_marks(tmp_path):
    write(tmp_path, 1, TURN, turn_taking=[{"timestamp": [1.5, 2.0]}])
    write(tmp_path, 2, [], turn_taking=[{"timestamp": [1.0, 2.0]}])
    write(tmp_path, 10, [(0.5, 1.0), (3.0, 4.1)], turn_taking=[{"timestamp": [1.0, 2.0]}])
    items = read_recordings(tmp_path)
    assert [item.id for item in items] == ["1", "2", "10"]
    found = recorded_full_duplex.smooth_turn_taking(items)
    assert found["tor"].value == pytest.approx(2 / 3)
    assert found["latency"].value == pytest.approx((0.5 + 0.0) / 2)
    assert found["latency"].n == 2
    assert recorded_full_duplex.pause_handling(items)["tor"].higher_is_better is False


def test_an_interruption_counts_only_words_after_it(tmp_path):
    write(tmp_path, 1, [(0.0, 1.9), *TURN], interrupt=[{"timestamp": [0.5, 1.9]}])
    write(tmp_path, 2, [(0.0, 1.9)], interrupt=[{"timestamp": [0.5, 1.9]}])
    found = recorded_full_duplex.user_interruption(read_recordings(tmp_path))
    assert found["tor"].value == 0.5
    assert found["latency"].value == pytest.approx(0.1)


def test_the_rest_of_a_word_counts_unless_fresh_words_are_asked_for(tmp_path):
    write(tmp_path, 1, [(0.0, 2.0), *TURN], interrupt=[{"timestamp": [0.5, 1.5]}])
    items = read_recordings(tmp_path)
    assert recorded_full_duplex.user_interruption(items)["latency"].value == 0.0
    assert KINDS["user_interruption_fresh_words"](items)["latency"].value == pytest.approx(0.5)
    task = TASKS["full_duplex_interruption"]
    assert [scorer.name for scorer in task.scorers] == ["full-duplex-bench", "fresh-words"]
    row = recorded(((1.5, 2.5, "so"), *LATE))
    assert [scorer.score(row, ModelAnswer("")).values["latency"] for scorer in task.scorers] == [0.0, 1.5]


def test_backchannels_and_overlaps_come_from_speech(tmp_path):
    speech = {"user": [[0, 2], [5, 6]], "model": [[1, 1.5], [6.4, 6.9]], "seconds": 10}
    write(tmp_path, 1, [(1.0, 1.2)], speech=speech)
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"1": [0.1] * 20}))
    found = recorded_full_duplex.backchannel_metrics(read_recordings(tmp_path, people))
    assert (found["tor"].value, found["frequency"].value) == (0.0, 0.2)
    assert 0 < found["jsd"].value < 1
    assert "jsd" not in recorded_full_duplex.backchannel_metrics(read_recordings(tmp_path)), (
        "without people there is nothing to compare with"
    )
    waits = recorded_full_duplex.overlap_metrics(read_recordings(tmp_path))
    assert waits["stop_latency"].value == pytest.approx(0.5)
    assert waits["response_latency"].value == pytest.approx(0.4)


def test_the_command_prints_a_table(tmp_path, capsys):
    write(tmp_path, 1, TURN, turn_taking=[{"timestamp": [1.5, 2.0]}])
    for kind in KINDS:
        assert __main__.main(["duplex", kind, str(tmp_path)]) == 0
    assert "latency" in capsys.readouterr().out


def test_folders_that_are_not_the_benchs_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"There is no \*/output.json"):
        read_recordings(tmp_path)
    (tmp_path / "1").mkdir()
    (tmp_path / "1/output.json").write_text('{"chunks": [{"text": "x"}]}')
    with pytest.raises(InputError, match="not as Full-Duplex-Bench"):
        read_recordings(tmp_path)


def item(folder, number, **files):
    folder = folder / str(number)
    folder.mkdir(parents=True)
    (folder / "input.wav").write_bytes(b"")
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def test_the_benchs_own_folders_are_read_with_what_was_noted(tmp_path):
    item(tmp_path / "v1_0/synthetic_user_interruption", 10, interrupt=[{"timestamp": [1.0, 2.0]}])
    item(tmp_path / "v1_0/synthetic_user_interruption", 9)
    item(tmp_path / "user_backchannel", 1, metadata={"timestamps": [7.2, 11.4], "context_text": "Hello?"})
    item(tmp_path / "v1_0/icc_backchannel", 1)
    (tmp_path / "v1_0/icc_backchannel/icc_gt_distribution.json").write_text('{"1": [0.5, 0.5]}')
    rows = list(rows_of(TASKS["full_duplex_interruption"], tmp_path))
    assert [row["id"] for row in rows] == ["9", "10"]
    assert [row["marks"] for row in rows] == [[], [[1.0, 2.0]]]
    assert rows[0]["audio"].endswith("9/input.wav")
    assert next(rows_of(TASKS["full_duplex_overlap_backchannel"], tmp_path))["marks"] == [[7.2, 11.4]]
    assert next(rows_of(TASKS["full_duplex_backchannel"], tmp_path))["people"] == [0.5, 0.5]
    with pytest.raises(InputError, match="Google Drive"):
        list(rows_of(TASKS["full_duplex_overlap_aside"], tmp_path))


def recorded(words=(), user=(), model=(), marks=((1.0, 2.0),)) -> dict:
    return {"marks": marks, "recording": {"words": words, "user": user, "model": model, "seconds": 10.0}}


LATE = ((3.5, 4.0, "Paris"), (4.1, 4.6, "is"), (4.7, 5.0, "it"), (5.0, 5.2, "yes"))


@pytest.mark.parametrize(
    ("task", "row", "values"),
    [
        ("pause", recorded(), {"waited": 1.0}),
        ("pause", recorded(LATE), {"waited": 0.0}),
        ("pause_candor", recorded(((1.0, 1.3, "mhm"),)), {"waited": 1.0}),
        ("turn_taking", recorded(LATE), {"took_turn": 1.0, "latency": 2.5}),
        ("turn_taking", recorded(), {"took_turn": 0.0}),
        ("interruption", recorded(LATE), {"took_turn": 1.0, "latency": 1.5}),
        ("backchannel", recorded(model=((1.0, 1.5),)), {"listened": 1.0, "nods_per_second": 0.1}),
        ("backchannel", recorded(model=((1.0, 5.5),)), {"listened": 0.0, "nods_per_second": 0.0}),
        (
            "overlap_interruption",
            recorded(user=((0, 2), (5, 6)), model=((3.0, 5.4), (7.0, 8.0))),
            {"overlaps": 1.0, "responses": 2.0, "stop_latency": 0.4, "response_latency": 1.0},
        ),
        ("overlap_aside", recorded(user=((0, 2),)), {"overlaps": 0.0, "responses": 0.0}),
    ],
)
def test_a_recording_is_worth_what_the_bench_says(task, row, values):
    task = TASKS[f"full_duplex_{task}"]
    scored = task.scorers[0].score(row, ModelAnswer(""))
    assert scored.values == pytest.approx(values)
    total = task.scorers[0].total([Judged(row, scored)])
    assert total[task.metric].n == 1 or task.name.endswith("aside")


def test_of_two_ends_before_one_answer_the_last_counts_and_late_answers_count_too():
    user = [Span(0, 1), Span(2, 3)]
    assert full_duplex_metrics.response_latencies(user, [Span(3.5, 5)]) == [0.5]
    assert full_duplex_metrics.response_latencies(user, [Span(2.5, 5)]) == [1.5], "though the user speaks again"
    assert full_duplex_metrics.response_latencies(user, [Span(1.2, 1.4), Span(3.1, 4)]) == pytest.approx([0.2, 0.1])
