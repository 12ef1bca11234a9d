"""What a session's settings mean for a conversation, and what merging does to them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.realtime_server import QuickVoice
from vita.duplex.conversation_events import TurnDetectionMode
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Sampling
from vita.realtime import client_events as c
from vita.realtime.session_config import SessionConfig

DEFAULT, OTHER = QuickVoice(), QuickVoice()
BASE = ConversationSettings(voice=DEFAULT, sampling=Sampling(max_tokens=100), system="The server's.")


def meant(**changes) -> ConversationSettings:
    return SessionConfig().merge_changes(changes).conversation_settings(BASE, {"other": OTHER})


def turns(detection: dict | bool | None) -> dict:
    return {"audio": {"input": {"turn_detection": detection}}}


@pytest.mark.parametrize(
    ("detection", "mode"),
    [
        ({"type": "semantic_vad"}, TurnDetectionMode.SEMANTIC),
        ({"type": "server_vad"}, TurnDetectionMode.SERVER_VAD),
        (None, TurnDetectionMode.PUSH_TO_TALK),
        (False, TurnDetectionMode.PUSH_TO_TALK),
    ],
)
def test_turn_detection_is_a_mode(detection, mode):
    assert meant(**turns(detection)).policy.mode is mode


def test_without_a_word_turns_are_taken_by_the_state_token():
    assert meant().policy.mode is TurnDetectionMode.SEMANTIC


def test_voice_activity_is_set_in_milliseconds():
    detection = {"type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 100, "silence_duration_ms": 800}
    settings = meant(**turns({**detection, "create_response": False, "interrupt_response": False}))
    assert (settings.vad.threshold, settings.vad.silence, settings.policy.padding) == (0.7, 12_800, 1_600)
    assert (settings.policy.create, settings.policy.interrupt) == (False, False)


@pytest.mark.parametrize(("eagerness", "samples"), [("low", 16_000), ("auto", 8_000), ("high", 4_800)])
def test_eagerness_is_how_long_a_silence_ends_a_turn(eagerness, samples):
    assert meant(**turns({"type": "semantic_vad", "eagerness": eagerness})).vad.silence == samples


def test_the_client_chooses_a_voice_that_is_here_and_gets_the_default_for_others():
    assert meant(audio={"output": {"voice": "other"}}).voice is OTHER
    assert meant(audio={"output": {"voice": "alloy"}}).voice is DEFAULT
    assert meant(output_modalities=["text"]).voice is None


def test_the_client_may_shorten_answers_and_not_lengthen_them():
    assert meant(max_output_tokens=7).sampling.max_tokens == 7
    assert meant(max_output_tokens=7_000).sampling.max_tokens == 100
    assert meant(max_output_tokens="inf").sampling.max_tokens == 100


def test_instructions_replace_the_system_prompt_and_null_brings_it_back():
    config = SessionConfig().merge_changes({"instructions": "Be brief."})
    assert config.conversation_settings(BASE, {}).system == "Be brief."
    assert config.merge_changes({"instructions": None}).conversation_settings(BASE, {}).system == "The server's."


def test_our_own_settings_reach_the_conversation():
    settings = meant(vita={"sensitivity": 1.0, "probe_ms": 0, "patience_ms": 500, "ahead_ms": 700, "frames": 2})
    assert settings.vad.threshold == pytest.approx(0.1)
    assert (settings.policy.probe, settings.policy.patience, settings.policy.frames) == (0, 8_000, 2)
    assert settings.ahead == 0.7


def test_the_temperature_is_the_clients_and_null_brings_the_servers_back():
    config = SessionConfig().merge_changes({"vita": {"temperature": 0.7}})
    assert config.conversation_settings(BASE, {}).sampling == Sampling(max_tokens=100, temperature=0.7)
    assert (
        config.merge_changes({"vita": {"temperature": None}}).conversation_settings(BASE, {}).sampling.temperature == 0
    )


def test_merging_is_deep_and_a_new_kind_of_turn_detection_keeps_nothing_of_the_old():
    config = SessionConfig().merge_changes(turns({"type": "server_vad", "threshold": 0.9}))
    config = config.merge_changes({"audio": {"output": {"voice": "other"}}})
    assert config.audio.input.turn_detection.threshold == 0.9
    config = config.merge_changes(turns({"silence_duration_ms": 200}))
    assert (config.audio.input.turn_detection.threshold, config.audio.input.turn_detection.silence_duration_ms) == (
        0.9,
        200,
    )
    assert config.merge_changes(turns({"type": "semantic_vad"})).audio.input.turn_detection.eagerness == "auto"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "transcription"},
        {"output_modalities": []},
        {"output_modalities": ["video"]},
        {"max_output_tokens": 0},
        {"vita": {"sensitivity": 2}},
        {"vita": {"temperature": 2.5}},
        {"vita": {"temperature": -1}},
        {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16_000}}}},
        turns({"type": "server_vad", "threshold": 3}),
        turns({"type": "no_vad"}),
        {"audio": "loud"},
    ],
)
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(ValidationError):
        SessionConfig().merge_changes(changes)


NAMES = st.sampled_from(["type", "audio", "item", "session", "content", "role", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_sent_is_an_event_or_a_validation_error(message):

    try:
        event = c.parse_event(json.dumps(message))
    except ValidationError:
        return
    assert isinstance(event, c.ClientEvent)


@given(st.dictionaries(st.sampled_from(["audio", "vita", "tools", "instructions", "type", "voice"]), JSON))
def test_whatever_is_merged_is_a_session_or_a_validation_error(changes):
    try:
        merged = SessionConfig().merge_changes(changes)
    except ValidationError:
        return
    assert merged.shown_session("id", "vita", vita=False)["object"] == "realtime.session"
