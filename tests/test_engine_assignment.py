"""Which engines a new live conversation gets, and what becomes of its roles while engines die and come back."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.duplex_world import TimedEngine, run
from tests.fakes import Answer, FakeEngine, pool_of
from vita.conversation import Turn
from vita.engine.conversation_engines import ConversationEngines
from vita.engine.engine_assignment import EngineLoad, choose_engine_pair
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Request, Stage, Status
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError, InputError

IDLE, DOWN = EngineLoad(), EngineLoad(ready=False)


@pytest.mark.parametrize(
    ("loads", "pair"),
    [
        ([IDLE], (0, 0)),
        ([IDLE, IDLE], (0, 1)),
        ([EngineLoad(generating=1), EngineLoad(monitoring=1)], (1, 0)),
        ([EngineLoad(requests=3), IDLE], (0, 1)),  # both are needed whoever has more requests
        ([EngineLoad(generating=1), EngineLoad(monitoring=1), IDLE], (1, 2)),
        ([EngineLoad(requests=3), IDLE, IDLE], (1, 2)),
        ([DOWN, EngineLoad(generating=4), EngineLoad(monitoring=5)], (2, 1)),
        ([DOWN, IDLE], (0, 1)),
        ([DOWN, DOWN, IDLE], (0, 2)),
    ],
)
def test_a_new_conversation_gets_the_engines_with_the_least_to_do(loads, pair):
    assert choose_engine_pair(loads) == pair


def engines_named(names: str, *replies) -> list[FakeEngine]:
    return [FakeEngine(*replies, name=name) for name in names]


@given(st.integers(2, 5), st.integers(0, 40))
def test_conversations_are_spread_evenly_over_both_roles(engines, conversations):
    pool = pool_of(*engines_named("abcde"[:engines]))
    with ExitStack() as stack:
        for _ in range(conversations):
            stack.enter_context(pool.open_conversation().assigned())
        loads = [pool.load_of(engine) for engine in pool.engines]
        for role in ("generating", "monitoring", "conversations"):
            counts = [getattr(load, role) for load in loads]
            assert max(counts) - min(counts) <= 1, role
        assert sum(load.generating for load in loads) == sum(load.monitoring for load in loads) == conversations
    assert all(pool.load_of(engine) == EngineLoad() for engine in pool.engines), "those that ended count no more"


def roles(conversation: ConversationEngines) -> tuple[str, str]:
    return conversation.assigned_generator.name, conversation.assigned_monitor.name


def test_the_engine_that_answers_becomes_the_generator_and_the_other_one_monitors():
    with (conversation := pool_of(*engines_named("ab")).open_conversation()).assigned():
        assert roles(conversation) == ("a", "b")
        conversation.set_generator(1)
        assert roles(conversation) == ("b", "a")


def test_a_single_engine_plays_both_roles():
    with (conversation := pool_of(*engines_named("a")).open_conversation()).assigned():
        conversation.set_generator(1)
        assert roles(conversation) == ("a", "a")
        assert {conversation.engine_at(slot).name for slot in (0, 1)} == {"a"}


def test_the_engine_that_lives_takes_both_roles_until_the_other_is_back():
    dying, alive = engines_named("ab")
    with (conversation := pool_of(dying, alive).open_conversation()).assigned():
        dying.die()
        assert [conversation.engine_at(slot).name for slot in (0, 1)] == ["b", "b"]
        dying.status = Status("a", Stage.READY)
        assert [conversation.engine_at(slot).name for slot in (0, 1)] == ["a", "b"]


def test_a_third_engine_takes_the_place_of_a_dead_one_for_good():
    dying, other, spare = engines_named("abc")
    with (conversation := pool_of(dying, other, spare).open_conversation()).assigned():
        dying.die()
        assert [conversation.engine_at(slot).name for slot in (0, 1)] == ["c", "b"]
        dying.status = Status("a", Stage.READY)
        assert [conversation.engine_at(slot).name for slot in (0, 1)] == ["c", "b"]
        assert [status.name for status in conversation.statuses] == ["c", "b", "a"]


def test_the_conversations_of_a_dead_engine_are_shared_by_those_that_they_do_not_use_yet():
    pool = pool_of(*engines_named("abcd"))
    with ExitStack() as stack:
        conversations = [pool.open_conversation() for _ in range(12)]
        for conversation in conversations:
            stack.enter_context(conversation.assigned())
        left = [conversation for conversation in conversations if "a" in roles(conversation)]
        pool.engines[0].die()
        heirs = [conversation.engine_at(roles(conversation).index("a")).name for conversation in left]
    assert len(left) == 6
    assert max(heirs.count(name) for name in set(heirs)) <= 3


async def texts_at(conversation: ConversationEngines, slot: int, **options) -> str:
    request = Request((Turn("user", ("Hi?",)),), **options)
    return "".join([delta.text async for delta in conversation.generate_at(slot, request)])


async def test_each_slot_is_answered_by_its_own_engine():
    pool = pool_of(FakeEngine("one", name="a"), FakeEngine("two", name="b"))
    with (conversation := pool.open_conversation()).assigned():
        assert [await texts_at(conversation, slot) for slot in (0, 1)] == ["one", "two"]


async def test_a_request_whose_engine_dies_before_its_first_delta_goes_to_an_idle_engine_rather_than_the_other_slots():
    gone = FakeEngine(EngineDeadError("gone"), name="a")
    pool = pool_of(gone, FakeEngine("two", name="b"), FakeEngine("three", name="c"))
    with (conversation := pool.open_conversation()).assigned():
        assert await texts_at(conversation, 0) == "three"


async def test_a_request_that_every_engine_refuses_ends_with_the_last_ones_error():
    pool = pool_of(FakeEngine(EngineNotReadyError("busy"), name="a"), FakeEngine(EngineDeadError("gone"), name="b"))
    with (conversation := pool.open_conversation()).assigned(), pytest.raises(EngineDeadError, match="gone"):
        await texts_at(conversation, 0)


async def test_an_answer_that_breaks_off_and_bad_input_are_not_asked_elsewhere():
    other = FakeEngine("two", name="b")
    broken = FakeEngine(Answer("It", error=EngineDeadError("gone")), InputError("Too long."), name="a")
    with (conversation := pool_of(broken, other).open_conversation()).assigned():
        with pytest.raises(EngineDeadError, match="gone"):
            await texts_at(conversation, 0)
        with pytest.raises(InputError, match="Too long"):
            await texts_at(conversation, 0)
    assert not other.requests


def test_a_mute_engine_is_given_up_after_the_conversations_patience_and_its_request_aborted():
    async def story() -> tuple[float, list[str]]:
        mute = TimedEngine("Hello.", name="a", decide=100.0)
        conversation = EnginePool([mute]).open_conversation(patience=5.0)
        with conversation.assigned(), pytest.raises(EngineError, match="did not respond for 5 seconds"):
            await texts_at(conversation, 0, id="mine")
        return asyncio.get_running_loop().time(), mute.aborts

    assert run(story()) == (5.0, ["mine"])
