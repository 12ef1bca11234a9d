"""Random visitors on the virtual clock: what every client may rely on, whatever is said and done."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.duplex_world import TimedEngine, TimedVoice, World, run
from tests.fakes import Answer
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex.client_notices import AnswerAudio, AnswerStarted
from vita.duplex.conversation_history import heard_text
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Request
from vita.tokens import State

WORDS = "One two three four, five six seven eight. Nine ten, eleven twelve thirteen. " * 3
ACTS = st.tuples(
    st.sampled_from(["speech", "silence", "type", "cancel", "report"]),
    st.floats(0.1, 2.5, allow_nan=False),
    st.booleans(),
)


def world(verdicts: list[bool], mode: e.TurnDetectionMode) -> World:
    left = iter(verdicts)

    def reply(request: Request) -> Answer:
        if State.NOISE not in request.sampling.states:
            return Answer(WORDS)
        return Answer(WORDS, State.AUDIO_QUERY) if next(left, True) else Answer("", State.NOISE)

    chosen = ConversationSettings(policy=e.TurnPolicy(mode=mode), voice=TimedVoice())
    return World([TimedEngine(reply, name="a"), TimedEngine(reply, name="b")], replace(chosen, ahead=1.0))


async def live(visit: World, acts: list[tuple[str, float, bool]]) -> None:
    async with visit:
        for act, seconds, _ in acts:
            answer = visit.driver.state.answer
            match act:
                case "speech":
                    await visit.speech(seconds)
                case "silence":
                    await visit.sound(seconds)
                case "type":
                    visit.type("And then?")
                case "cancel":
                    visit.driver.cancel_answer()
                case "report" if answer:
                    visit.driver.report_played(answer.id, round(seconds * 10_000))
        await visit.sound(1.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(ACTS, max_size=12), st.sampled_from(e.TurnDetectionMode))
def test_no_visitor_hears_a_cut_answer_or_two_at_once_and_the_history_is_what_was_heard(acts, mode):
    visit = world([verdict for *_, verdict in acts], mode)
    run(live(visit, acts))
    gone: set[int] = set()
    newest = 0
    for _, _, notice in visit.heard:
        if isinstance(notice, notices.PlaybackStopped):
            gone.add(notice.answer)
        elif isinstance(notice, AnswerAudio):
            assert notice.answer not in gone
            assert notice.answer == newest
        elif isinstance(notice, AnswerStarted):
            newest = notice.answer
    assert len(visit.ends) == len(visit.begins)
    for told in visit.of(notices.AnswerHeard):
        sent = sum(len(n.pcm) // 2 for n in visit.of(AnswerAudio) if n.item == told.item.id)
        assert (told.item.limit or 0) <= sent
        assert told.item.heard == heard_text(
            told.item.clauses, told.item.samples if told.item.limit is None else told.item.limit
        )
        assert WORDS.startswith(told.item.heard)
