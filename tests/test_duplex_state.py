"""The machine by table: what happens, told in seconds, and what it asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from tests.duplex_script import Script, at, kinds, speaking
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex.client_notices import ConversationPhase
from vita.duplex.conversation_history import UserItem, Utterance
from vita.media import Picture
from vita.speech import voice_events
from vita.tokens import State


def test_a_spoken_query_is_decided_on_a_likely_end_and_answered_when_the_turn_is_over():
    script = Script()
    assert kinds(script.voice(1.0)) == []
    assert kinds(script.pause(2.0)) == ["RequestDecision"]
    assert kinds(script.judge(State.AUDIO_QUERY)) == []
    assert kinds(script.stop(2.0)) == ["TurnStarted", "TurnEnded", "ItemCommitted", "StartAnswer", "PrefillHistory"]
    assert script.state.phase is ConversationPhase.SPEAKING


def test_the_answer_goes_on_with_the_very_request_that_decided():
    script = Script()
    script.query(1.0, 2.0)
    decide, begin = script.said(commands.RequestDecision)[0], script.said(commands.StartAnswer)[0]
    assert begin.decision == decide.decision
    assert begin.engine == decide.engine


def test_the_utterance_has_the_padding_before_the_voice():
    script = Script()
    script.query(1.0, 2.0)
    item = script.said(notices.ItemCommitted)[0].item
    assert item.parts == (Utterance(at(0.7), at(2.0) + 1024),)


def test_a_decision_on_half_a_sentence_is_thrown_away_when_the_voice_goes_on():
    script = Script()
    script.voice(1.0)
    script.pause(1.5)
    first = script.state.decision
    assert kinds(script.on(voice_events.VoiceResumed(at(1.7)))) == ["AbortDecision"]
    assert kinds(script.on(e.DecisionMade(first.id, State.AUDIO_QUERY))) == []
    script.pause(2.5)
    script.judge(State.AUDIO_QUERY)
    script.stop(2.5)
    assert len(script.said(commands.StartAnswer)) == 1
    assert script.said(notices.ItemCommitted)[0].item.parts[0].begin == at(0.7)


def test_without_speculation_the_decision_waits_for_the_end_of_the_turn():
    script = Script(speculate=False)
    script.voice(1.0)
    assert kinds(script.pause(2.0)) == []
    assert kinds(script.stop(2.0)) == ["RequestDecision"]
    assert script.state.phase is ConversationPhase.DECIDING
    assert kinds(script.judge(State.AUDIO_QUERY))[-2:] == ["StartAnswer", "PrefillHistory"]


def test_a_voice_that_comes_back_before_the_decision_is_one_utterance():
    script = Script()
    script.voice(1.0)
    script.pause(2.0)
    script.stop(2.0)
    assert kinds(script.voice(2.8)) == ["AbortDecision"]
    script.pause(3.5)
    script.judge(State.AUDIO_QUERY)
    script.stop(3.5)
    assert [c.item.parts for c in script.said(notices.ItemCommitted)] == [(Utterance(at(0.7), at(3.5) + 1024),)]


def test_a_voice_ducks_the_answer_at_once():
    script = speaking()
    assert kinds(script.voice(5.0)) == ["DuckPlayback"]
    assert script.state.phase is ConversationPhase.OVERLAP


def test_noise_restores_the_answer_and_leaves_no_trace():
    script = speaking()
    before = script.state.items
    script.voice(5.0)
    script.pause(5.5)
    script.stop(5.5)
    assert script.state.phase is ConversationPhase.DECIDING_IN_OVERLAP
    assert kinds(script.judge(State.NOISE)) == ["AbortDecision", "UtteranceDismissed", "RestoreVolume"]
    assert script.state.items == before
    assert script.state.phase is ConversationPhase.SPEAKING


def test_a_query_cuts_before_the_turn_is_over_and_is_answered_after_it():
    script = speaking()
    script.voice(5.0)
    script.pause(6.0)
    assert kinds(script.judge(State.AUDIO_QUERY)) == [
        "TurnStarted",
        "StopPlayback",
        "EndAnswer",
        "AnswerHeard",
        "RestoreVolume",
    ]
    assert script.said(commands.EndAnswer)[0].outcome == "cancelled"
    assert script.said(commands.EndAnswer)[0].reason == "turn_detected"
    assert kinds(script.stop(6.0)) == ["TurnEnded", "ItemCommitted", "StartAnswer", "PrefillHistory"]


def test_an_interruption_swaps_the_roles():
    script = speaking()
    generator = script.state.generator
    script.query(5.0, 6.0)
    assert script.said(commands.RequestDecision)[0].engine != generator
    assert script.state.generator != generator
    assert script.said(commands.PrefillHistory)[0].engine == generator


def test_one_engine_plays_both_roles():
    script = speaking(engines=1)
    script.query(5.0, 6.0)
    assert {action.engine for action in script.said(commands.RequestDecision) + script.said(commands.StartAnswer)} == {
        0
    }


def test_without_a_decision_the_answer_is_restored_after_the_patience_and_a_late_query_still_cuts():
    script = speaking()
    script.voice(5.0)
    script.pause(6.0)
    script.stop(6.0)
    assert kinds(script.tick(8.4)) == []
    assert kinds(script.tick(8.6)) == ["RestoreVolume"]
    assert "StopPlayback" in kinds(script.judge(State.AUDIO_QUERY))


def test_a_decision_that_never_comes_is_given_up_aloud():
    script = Script()
    script.voice(1.0)
    script.pause(2.0)
    script.stop(2.0)
    assert kinds(script.tick(22.6)) == ["RequestRefused", "AbortDecision", "UtteranceDismissed"]
    assert script.state.phase is ConversationPhase.LISTENING


def test_a_click_is_no_utterance():
    script = speaking()
    script.voice(5.0)
    script.pause(5.1)
    assert kinds(script.stop(5.1)) == ["UtteranceDismissed", "RestoreVolume"]
    assert not script.said(commands.RequestDecision)


def test_in_an_overlap_a_long_voice_is_probed_and_cuts_before_it_ends():
    script = speaking(probe=at(1.2))
    script.voice(5.0)
    assert kinds(script.tick(6.0)) == []
    assert kinds(script.tick(6.3)) == ["RequestDecision"]
    assert kinds(script.judge(State.AUDIO_QUERY)) == [
        "TurnStarted",
        "StopPlayback",
        "EndAnswer",
        "AnswerHeard",
        "RestoreVolume",
        "AbortDecision",
    ]
    script.pause(8.0)
    script.judge(State.AUDIO_QUERY)
    script.stop(8.0)
    assert len(script.said(commands.StartAnswer)) == 1


def test_a_probe_that_hears_noise_restores_the_volume_and_asks_again_later():
    script = speaking(probe=at(1.2))
    script.voice(5.0)
    script.tick(6.3)
    assert kinds(script.judge(State.NOISE)) == ["AbortDecision", "RestoreVolume"]
    assert kinds(script.tick(6.4)) == []
    assert kinds(script.tick(7.6)) == ["RequestDecision"]


def test_typed_text_is_always_answered_and_ends_the_running_answer():
    script = speaking(probe=at(1.2))
    actions = script.type("Stop. What is two plus two?")
    assert kinds(actions) == ["StopPlayback", "EndAnswer", "AnswerHeard", "StartAnswer", "PrefillHistory"]
    assert script.said(commands.StartAnswer)[0].states == (State.TEXT_QUERY,)


@pytest.mark.parametrize(("cuts", "limit"), [(False, None), (True, 12_000)])
def test_a_question_behind_an_answer_that_is_only_playing_cuts_it_where_the_client_hears_of_cuts(cuts, limit):
    script = speaking(cuts=cuts)
    script.on(e.AnswerSent(script.state.answer.id, "stop"))
    script.played(0.5)
    actions = script.type("And then?")
    assert kinds(actions) == [*["StopPlayback"] * cuts, "AnswerHeard", "StartAnswer", "PrefillHistory"]
    (told, *_) = script.said(commands.StartAnswer)[0].items[1:]
    assert told.limit == limit
    script.on(e.PlaybackTruncated(told.id, 6_000))
    assert script.state.find_item(told.id).limit == 6_000


def test_a_voice_cuts_what_is_only_playing_for_every_client_for_all_hear_that_speech_has_begun():
    script = speaking(cuts=False)
    script.on(e.AnswerSent(script.state.answer.id, "stop"))
    script.query(5.0, 6.0)
    assert kinds(script.actions).index("TurnStarted") < kinds(script.actions).index("StopPlayback")


def test_asking_twice_without_saying_anything_new_is_refused():
    script = speaking()
    actions = script.on(e.AnswerRequested())
    assert actions[0].code == "conversation_already_has_active_response"


def test_push_to_talk_ignores_voices_and_answers_a_committed_utterance():
    script = Script(mode=e.TurnDetectionMode.PUSH_TO_TALK)
    assert kinds(script.voice(1.0)) == []
    script.on(e.HistoryItemAdded(UserItem("u", (Utterance(0, at(2)),))))
    script.on(e.AnswerRequested())
    assert script.said(commands.StartAnswer)[0].states == (State.AUDIO_QUERY,)


def test_server_vad_cuts_on_a_voice_that_lasts_without_any_decision():
    script = speaking(mode=e.TurnDetectionMode.SERVER_VAD)
    assert kinds(script.voice(5.0)) == ["DuckPlayback"]
    assert kinds(script.tick(5.1)) == []
    assert kinds(script.tick(5.3)) == ["TurnStarted", "StopPlayback", "EndAnswer", "AnswerHeard", "RestoreVolume"]


def test_server_vad_that_must_not_interrupt_lets_the_answer_end_first():
    script = speaking(mode=e.TurnDetectionMode.SERVER_VAD, interrupt=False)
    script.query(5.0, 6.0)
    assert not script.said(commands.StopPlayback)
    assert not script.said(commands.StartAnswer)
    script.on(e.AnswerSent(script.state.answer.id, "stop"))
    assert kinds(script.played(2.0)) == [
        "AnswerHeard",
        "PrefillHistory",
        "ItemCommitted",
        "StartAnswer",
        "PrefillHistory",
    ]


@pytest.mark.parametrize(("mode", "decides"), [(e.TurnDetectionMode.SERVER_VAD, 0), (e.TurnDetectionMode.SEMANTIC, 1)])
def test_a_client_that_answers_itself_gets_the_item_and_no_answer(mode, decides):
    script = Script(mode=mode, create=False)
    script.voice(1.0)
    script.pause(2.0)
    if decides:
        script.judge(State.AUDIO_QUERY)
    script.stop(2.0)
    assert len(script.said(commands.RequestDecision)) == decides
    assert len(script.said(notices.ItemCommitted)) == 1
    assert not script.said(commands.StartAnswer)


def test_an_answer_is_over_when_it_was_played_and_the_other_engine_is_warmed():
    script = speaking()
    assert kinds(script.on(e.AnswerSent(script.state.answer.id, "stop"))) == ["EndAnswer"]
    assert script.state.phase is ConversationPhase.SPEAKING
    assert kinds(script.played(2.0)) == ["AnswerHeard", "PrefillHistory"]
    assert script.state.phase is ConversationPhase.LISTENING


def test_an_answer_interrupted_after_its_end_was_told_is_silenced_without_a_second_end():
    script = speaking()
    script.on(e.AnswerSent(script.state.answer.id, "stop"))
    script.query(5.0, 6.0)
    assert len(script.said(commands.StopPlayback)) == 1
    assert [done.outcome for done in script.said(commands.EndAnswer)] == ["completed"]


def test_an_answer_that_hit_its_limit_is_incomplete():
    script = speaking()
    script.on(e.AnswerSent(script.state.answer.id, "length"))
    assert (script.said(commands.EndAnswer)[0].outcome, script.said(commands.EndAnswer)[0].reason) == (
        "incomplete",
        "max_output_tokens",
    )


def test_a_failed_engine_ends_the_answer_as_failed_and_says_why():
    script = speaking()
    script.on(e.AnswerFailed(script.state.answer.id, "The engine is gone."))
    assert script.said(commands.EndAnswer)[0] == commands.EndAnswer(
        1, "item_a1", "failed", "error", "The engine is gone."
    )


def test_the_items_of_a_conversation_carry_its_name():
    script = Script()
    script.state = replace(script.state, name="7f")
    script.on(e.FrameSeen(Picture(Image.new("RGB", (2, 2)))))
    script.type("Hi.")
    script.query(5.0, 6.0)
    made = [item.id for item in script.state.items if not item.id.startswith("typed")]
    assert [name[:8] for name in made] == ["item_7fu", "item_7fa", "item_7fu", "item_7fa"]
    assert len(set(made)) == 4


def test_cancelling_nothing_is_refused():
    assert Script().on(e.CancelRequested())[0].code == "response_cancel_not_active"


def test_a_closed_conversation_ends_its_answer_and_changes_no_more():
    script = speaking()
    assert kinds(script.on(e.ConversationClosed())) == ["StopPlayback", "EndAnswer", "AnswerHeard"]
    assert script.voice(9.0) == ()


def test_changing_the_mode_forgets_the_voice_that_is_being_heard():
    script = speaking()
    script.voice(5.0)
    assert kinds(script.on(e.PolicyChanged(e.TurnPolicy(mode=e.TurnDetectionMode.PUSH_TO_TALK)))) == [
        "UtteranceDismissed",
        "RestoreVolume",
    ]


def test_after_a_long_silence_the_machine_goes_on_once_and_again_only_when_somebody_has_spoken():
    script = Script(idle=at(5))
    script.query(1.0, 2.0)
    script.tick(3.0)
    script.on(e.AnswerSent(script.speak("Four.", seconds=1.0), "stop"))
    script.played(1.0)
    assert kinds(script.tick(7.9)) == []
    assert kinds(script.tick(8.1)) == ["IdleTimeoutReached", "ItemCommitted", "StartAnswer", "PrefillHistory"]
    script.on(e.AnswerSent(script.speak("Anything else?", seconds=1.0), "stop"))
    script.played(1.0)
    assert kinds(script.tick(60.0)) == []
    script.query(61.0, 62.0)
    script.on(e.AnswerSent(script.speak("Five.", seconds=1.0), "stop"))
    script.played(1.0)
    assert "IdleTimeoutReached" in kinds(script.tick(80.0))


def test_whoever_speaks_in_the_silence_is_not_talked_over():
    script = Script(idle=at(5))
    script.query(1.0, 2.0)
    script.on(e.AnswerSent(script.speak("Four.", seconds=1.0), "stop"))
    script.played(1.0)
    script.voice(6.0)
    assert kinds(script.tick(20.0)) == []
