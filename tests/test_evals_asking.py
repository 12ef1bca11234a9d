"""One item from row to record, contestants' odd behaviours included, and what is kept of it."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.item_runner import AnswerJudge, AskingOptions, answer_of, ask_item, cut_at_stops, shown_prompt
from evals.result_files import sanitize_name
from evals.run_journal import ItemRecord, RunJournal, plan_fingerprint
from evals.scorers.text_answers import split_state
from evals.task_data import Selection, TaskExample, selected_examples
from evals.task_runner import LocalExecutor, TaskRun
from evals.tasks import TASKS
from tests.fakes import Answer, FakeEngine
from vita.conversation import Turn
from vita.engine.engine_protocol import Delta
from vita.errors import EngineDeadError, EngineNotReadyError, InputError
from vita.tokens import STATE_TOKENS, State

GSM8K = TASKS["gsm8k_bundled"]
EXAMPLE = TaskExample(4, {"question": "1+1?", "answer": "#### 2"})
TEXT = st.text("abc#4 \n", max_size=12)


async def asked(*replies, task=GSM8K, asking=AskingOptions(), judge=None) -> ItemRecord:  # noqa: B008  it is frozen
    ticks = itertools.count()
    return await ask_item(FakeEngine(*replies), task, EXAMPLE, asking, judge, lambda: float(next(ticks)))


async def test_an_answer_is_cut_where_the_task_says():
    record = await asked("#### 2\nQuestion: another one")
    assert record.answer == "#### 2\n"
    assert (record.doc_id, record.target, record.shots) == (4, "2", 0)


@pytest.mark.parametrize("error", [EngineDeadError("gone"), EngineNotReadyError("loading")])
async def test_an_engine_that_is_gone_leaves_the_item_undone(error):
    with pytest.raises(type(error)):
        await asked(error)


@pytest.mark.parametrize("error", [InputError("too long"), ValueError("bug"), KeyError("missing")])
async def test_any_other_error_is_the_items_own_and_keeps_what_is_known(error):
    record = await asked(error)
    assert record.error.startswith(type(error).__name__)
    assert (record.answer, record.target) == (None, "2")
    assert record.prompt == "Question: 1+1?\nAnswer:"


async def test_half_an_answer_before_an_error_is_no_answer():
    record = await asked(Answer("half of", error=InputError("stopped")))
    assert (record.answer, record.error) == (None, "InputError: stopped")


async def test_a_row_without_its_columns_fails_alone():
    record = await ask_item(FakeEngine("x"), GSM8K, TaskExample(0, {"question": "?"}), AskingOptions())
    assert record.error == "KeyError: 'answer'"


async def test_an_engine_that_says_nothing_at_all_gave_an_empty_answer():
    class Silent(FakeEngine):
        async def generate(self, request):
            for delta in ():
                yield delta

    record = await ask_item(Silent(), GSM8K, EXAMPLE, AskingOptions())
    assert (record.answer, record.state, record.finish, record.error) == ("", None, "", "")
    assert record.tokens == {"completion_tokens": 0}


async def test_without_usage_the_deltas_are_counted():
    class Plain(FakeEngine):
        async def generate(self, request):
            yield Delta("2")
            yield Delta(" eggs", finish="length")

    record = await ask_item(Plain(), GSM8K, EXAMPLE, AskingOptions())
    assert (record.answer, record.finish, record.tokens) == ("2 eggs", "length", {"completion_tokens": 2})


async def test_giving_up_on_an_item_closes_its_request():
    engine = FakeEngine("never", paced=True)
    item = asyncio.create_task(ask_item(engine, GSM8K, EXAMPLE, AskingOptions()))
    while not engine.requests:
        await asyncio.sleep(0.001)
    item.cancel()
    with pytest.raises(asyncio.CancelledError):
        await item
    assert engine.load == 0
    assert engine.aborts == [engine.requests[0].id]


@pytest.mark.parametrize(
    ("given_", "name", "value"),
    [
        ({"temperature": "0.7"}, "temperature", 0.7), ({"top_p": 0.5}, "top_p", 0.5),
        ({"max_gen_toks": 9}, "max_tokens", 9), ({"max_tokens": 8}, "max_tokens", 8),
        ({"max_gen_toks": 9, "max_tokens": 8}, "max_tokens", 9),
        ({"repetition_penalty": 1.3}, "repetition_penalty", 1.3),
        ({}, "temperature", 0.0), ({}, "max_tokens", 256),
    ],
)  # fmt: skip
def test_generation_arguments_take_the_place_of_the_tasks(given_, name, value):
    assert getattr(AskingOptions(gen_kwargs=given_).sampling_for(GSM8K), name) == value


async def test_the_judge_is_left_alone_where_nothing_needs_it():
    engine = FakeEngine("1.0")
    judge = AnswerJudge(engine, {"gsm8k_bundled": GSM8K.scorers[0], "mmvet": TASKS["mmvet"].scorer_named("judge")})
    assert (await asked("2", judge=judge)).verdict is None
    assert (await judge.judge_record(TASKS["mmvet"], ItemRecord("mmvet", 0, {}, "", "", error="gone"))).verdict is None
    assert (await judge.judge_record(TASKS["mme"], ItemRecord("mme", 0, {}, "", "", answer="x"))).verdict is None
    assert engine.requests == []


@given(TEXT, st.lists(st.sampled_from(["#", "a", "b#", "\n"]), max_size=3))
def test_a_cut_text_is_a_beginning_without_any_stop(text, until):
    found = cut_at_stops(text, tuple(until))
    assert text.startswith(found)
    assert not any(stop in found for stop in until)


@given(st.sampled_from(list(State)), st.sampled_from(list(STATE_TOKENS)), TEXT)
def test_every_familys_state_token_is_taken_off_the_front(state, family, text):
    assert split_state(f"{STATE_TOKENS[family].text(state)}{text}") == (state, text.strip())
    assert split_state(text) == (None, text)


def test_a_state_that_the_engine_told_outweighs_one_in_the_text():
    record = ItemRecord("t", 0, {}, "", "", answer="<1>Yes", state="noise", verdict="1")
    assert answer_of(record).state is State.NOISE
    assert answer_of(record).verdict == "1"
    assert answer_of(replace(record, answer=None)) is None


def test_roles_are_shown_only_in_conversations():
    assert shown_prompt((Turn("user", ("a", "b")),)) == "ab"
    assert (
        shown_prompt((Turn("user", ("a",)), Turn("assistant", ("b",)), Turn("user", ("c",))))
        == "user: a\nassistant: b\nuser: c"
    )


@given(st.lists(st.tuples(st.integers(0, 5), TEXT), max_size=8))
def test_a_journal_read_again_has_the_first_record_of_each_item(tmp_path_factory, items):
    folder = tmp_path_factory.mktemp("journal")
    for doc_id, text in items:
        RunJournal(folder).append_records([ItemRecord("t", doc_id, {"text": text}, text, text, answer=text)])
    first = dict(reversed(items))
    assert {record.doc_id: record.answer for record in RunJournal(folder).records_of("t")} == first
    assert [record.doc_id for record in RunJournal(folder).records_of("t")] == sorted(first)


@given(st.dictionaries(st.sampled_from("abc"), st.integers() | st.none(), min_size=2))
def test_fingerprints_do_not_depend_on_the_order_of_a_plan(plan):
    assert plan_fingerprint(plan) == plan_fingerprint(dict(reversed(plan.items())))
    assert plan_fingerprint(plan) != plan_fingerprint(plan | {"more": 1})


@given(st.text(max_size=20))
def test_a_models_name_becomes_a_single_folder(name):
    assert not set('"<>:/|\\?*[]') & set(sanitize_name(name))


async def test_progress_counts_failures_and_what_an_earlier_start_did(tmp_path):
    seen: list = []
    RunJournal(tmp_path).append_records([ItemRecord(GSM8K.name, 0, {}, "", "", error="x")])
    run = TaskRun([GSM8K], Selection(), RunJournal(tmp_path), seen.append)
    assert await run.start_run(LocalExecutor(FakeEngine("2"), concurrency=1))
    assert [(one.done, one.failed) for one in seen] == [(2, 1), (3, 1), (4, 1)]
    assert [one.total for one in seen] == [4] * 3
    assert [example.index for example in selected_examples(GSM8K, Selection())] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no /data/set/p/x.png here", "no p/x.png here"),
        ("no '/home/me/x.png'", "no 'x.png'"),
        ("http://host/v1/models said 3/4 and/or no", "http://host/v1/models said 3/4 and/or no"),
    ],
)
async def test_errors_name_files_without_this_machines_folders(said, kept):
    engine = FakeEngine(lambda request: ValueError(said))
    record = await ask_item(engine, GSM8K, replace(EXAMPLE, root=Path("/data/set")), AskingOptions())
    assert record.error == f"ValueError: {kept}"
