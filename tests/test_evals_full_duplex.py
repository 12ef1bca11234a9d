"""Full-Duplex-Bench's folders become its numbers."""

from __future__ import annotations

import json

import pytest

from evals import __main__, full_duplex
from evals.full_duplex import KINDS, read
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
    items = read(tmp_path)
    assert [item.id for item in items] == ["1", "2", "10"]
    found = full_duplex.smooth_turn_taking(items)
    assert found["tor"].value == pytest.approx(2 / 3)
    assert found["latency"].value == pytest.approx((0.5 + 0.0) / 2)
    assert found["latency"].n == 2
    assert full_duplex.pause_handling(items)["tor"].higher_is_better is False


def test_an_interruption_counts_only_words_after_it(tmp_path):
    write(tmp_path, 1, [(0.0, 2.0), *TURN], interrupt=[{"timestamp": [0.5, 1.9]}])
    write(tmp_path, 2, [(0.0, 2.0)], interrupt=[{"timestamp": [0.5, 1.9]}])
    found = full_duplex.user_interruption(read(tmp_path))
    assert found["tor"].value == 0.5
    assert found["latency"].value == pytest.approx(0.1)


def test_backchannels_and_overlaps_come_from_speech(tmp_path):
    speech = {"user": [[0, 2], [5, 6]], "model": [[1, 1.5], [6.4, 6.9]], "seconds": 10}
    write(tmp_path, 1, [(1.0, 1.2)], speech=speech)
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"1": [0.1] * 20}))
    found = full_duplex.backchannel(read(tmp_path, people))
    assert (found["tor"].value, found["frequency"].value) == (0.0, 0.2)
    assert 0 < found["jsd"].value < 1
    assert "jsd" not in full_duplex.backchannel(read(tmp_path)), "without people there is nothing to compare with"
    waits = full_duplex.overlap(read(tmp_path))
    assert waits["stop_latency"].value == pytest.approx(0.5)
    assert waits["response_latency"].value == pytest.approx(0.4)


def test_the_command_prints_a_table(tmp_path, capsys):
    write(tmp_path, 1, TURN, turn_taking=[{"timestamp": [1.5, 2.0]}])
    for kind in KINDS:
        assert __main__.main(["duplex", kind, str(tmp_path)]) == 0
    assert "latency" in capsys.readouterr().out


def test_folders_that_are_not_the_benchs_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"There is no \*/output.json"):
        read(tmp_path)
    (tmp_path / "1").mkdir()
    (tmp_path / "1/output.json").write_text('{"chunks": [{"text": "x"}]}')
    with pytest.raises(InputError, match="not as Full-Duplex-Bench"):
        read(tmp_path)
