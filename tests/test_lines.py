"""Lines that a kill may cut off."""

from __future__ import annotations

import pytest

from vita.json_lines import JsonLinesFile


def test_what_was_appended_is_read_again_in_its_order(tmp_path):
    path = tmp_path / "deep/kept.jsonl"
    assert JsonLinesFile(path).read_values() == []
    JsonLinesFile(path).append_values([{"a": 1}, {"b": "字"}])
    JsonLinesFile(path).append_values([{"c": None}])
    assert JsonLinesFile(path).read_values() == [{"a": 1}, {"b": "字"}, {"c": None}]
    assert "字" in path.read_text("utf-8")


@pytest.mark.parametrize("torn", ['{"b', '{"b": 2}'])
def test_a_line_without_its_end_is_forgotten_and_what_follows_stands_on_its_own(tmp_path, torn):
    path = tmp_path / "kept.jsonl"
    path.write_text('{"a": 1}\n' + torn)
    lines = JsonLinesFile(path)
    assert lines.read_values() == [{"a": 1}]
    lines.append_values([{"c": 3}])
    assert JsonLinesFile(path).read_values() == [{"a": 1}, {"c": 3}]
    assert len(path.read_text().splitlines()) == 2


def test_a_line_that_is_no_json_is_left_out(tmp_path):
    path = tmp_path / "kept.jsonl"
    path.write_text('{"a": 1}\n{"b": \n{"c": 3}\n')
    assert JsonLinesFile(path).read_values() == [{"a": 1}, {"c": 3}]
