"""docs/realtime.md names every event of the protocol with the status that the code gives it."""

from __future__ import annotations

import ast
import re
import typing
from pathlib import Path

import pytest
from openai.types.realtime.realtime_client_event import RealtimeClientEvent
from openai.types.realtime.realtime_server_event import RealtimeServerEvent

from vita.realtime import client_events, server_events

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/realtime.md").read_text("utf-8")


def _sections() -> dict[str, dict[str, str]]:
    """By heading: the second cell of each row by its first, for rows that begin with a type."""
    found: dict[str, dict[str, str]] = {}
    for section in PAGE.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        found[heading] = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]*?) \|", body, re.M))
    return found


SECTIONS = _sections()


def _known_to_openai(union: typing.Any) -> set[str]:
    members = typing.get_args(typing.get_args(union)[0])
    return {typing.get_args(member.model_fields["type"].annotation)[0] for member in members}


def _ours_to_read() -> set[str]:
    members = typing.get_args(typing.get_args(client_events.AnyClientEvent)[0])
    return {typing.get_args(member.model_fields["type"].annotation)[0] for member in members}


def _ours_to_write() -> set[str]:
    kinds = (kind for kind in vars(server_events).values() if isinstance(kind, type))
    events = [kind for kind in kinds if issubclass(kind, server_events.ServerEvent) and "type" in kind.model_fields]
    return {event.model_fields["type"].default for event in events} - {
        server_events.VitaEvent.model_fields["type"].default
    }


def _written_by_us() -> set[str]:
    """Names of ``vita.*`` events in the source: by their whole name, or as the first of a returned pair."""
    names = set()
    for path in (ROOT / "vita/realtime").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "type" and isinstance(node.value, ast.Constant):
                names.add(str(node.value.value))
            if path.name == "vita_events.py" and isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                names.add(f"vita.{ast.literal_eval(node.value.elts[0])}")
    return {name for name in names if name.startswith("vita.")}


@pytest.mark.parametrize(
    ("section", "handled", "protocol"),
    [
        ("Client events", _ours_to_read(), _known_to_openai(RealtimeClientEvent)),
        ("Server events", _ours_to_write(), _known_to_openai(RealtimeServerEvent)),
    ],
)
def test_every_event_of_the_protocol_and_of_the_code_is_listed_with_its_status(section, handled, protocol):
    told = SECTIONS[section]
    assert set(told) == handled | protocol
    assert set(told.values()) <= {"full", "partial", "vita", "no"}
    assert {name for name, status in told.items() if status != "no"} == handled
    assert {name for name, status in told.items() if status == "vita"} == handled - protocol


def test_every_event_of_our_own_is_listed():
    assert set(SECTIONS["Our own server events"]) == _written_by_us()
    assert len(_written_by_us()) == 18


def _names_in(glossary: str) -> set[tuple[str, str]]:
    """(path, name) of each row that says ``Name`` in `file`."""
    return set(re.findall(r"`([A-Za-z_]+)(?:\.\w+)?` in `(vita/[\w/.]+)`", glossary))


def test_what_the_glossary_points_to_is_there():
    glossary = (ROOT / "docs/glossary.md").read_text("utf-8")
    pairs = _names_in(glossary)
    assert len(pairs) >= 15
    for name, path in pairs:
        assert re.search(rf"\b(class|def) {name}\b|^{name}\b", (ROOT / path).read_text("utf-8"), re.M), (name, path)
    for path in re.findall(r"`((?:vita|evals)/[\w/]+\.py)`", glossary):
        assert (ROOT / path).is_file(), path
