"""What happens on each event of the tab Evaluate, without a page."""

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from demos.evaluation.evaluate_tab import NOTHING, EvaluateHandlers
from demos.evaluation.finished_runs import FinishedRuns
from demos.evaluation.results_handlers import ResultsHandlers
from demos.evaluation.run_form import QUESTIONS, SERVER, TALKS
from demos.evaluation.run_manager import RunManager
from demos.evaluation_gate import EvaluationGate
from demos.i18n.translation import WORDS
from demos.services import Services
from evals.conversation.live_executor import LiveExecutor
from tests.fakes import FakeEngine, pool_of
from tests.held import late_answer
from vita.errors import EngineError

REQUEST = SimpleNamespace(  # a browser on the server's own machine
    headers={"accept-language": "en-US", "host": "localhost:7860"}, client=SimpleNamespace(host="127.0.0.1"),
    session_hash="me", request=SimpleNamespace(scope={"server": ("127.0.0.1", 7860)}),
)  # fmt: skip
FAR = SimpleNamespace(headers={"accept-language": "zh", "host": "a.hf.space"}, client=SimpleNamespace(host="10.0.0.7"))
TALKED = ["full_duplex_pause", "full_duplex_turn_taking"]  # chosen among the conversations
DEMOS = Path(__file__).parents[1] / "demos"


def form(*tasks: str, **given):
    values = {"who": "page", "address": "", "model": "", "key": "", "data": "bundled", "folder": "", "limit": 2,
              "flight": 4, "seed": 0, "shots": -1, "fresh": False, "kind": QUESTIONS} | given  # fmt: skip
    return [*values.values(), list(tasks), TALKED]


@pytest.fixture
def desk(tmp_path) -> EvaluateHandlers:
    services = Services(pool_of(FakeEngine("yes")), model="fake", results=tmp_path)
    return EvaluateHandlers(services, RunManager(services), FinishedRuns(tmp_path))


@pytest.fixture
def warnings(monkeypatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: told.append(text))
    return told


async def finish(desk: EvaluateHandlers) -> None:
    async with asyncio.timeout(20):
        while desk._runs.live:
            await asyncio.sleep(0.01)


def shown(update) -> bool:
    return update["visible"]


async def test_a_page_without_runs_says_what_to_do(desk):
    html, stop, resume, _, _, _, seen = await desk.refresh_run(None, [], NOTHING, False, REQUEST)
    assert "Choose tasks and press Start" in html
    assert not shown(stop)
    assert not shown(resume)
    assert seen == ((), ())


async def test_a_run_is_started_watched_and_its_results_come_by_themselves(desk):
    chosen, html, stop, *_ = await desk.start_run(False, REQUEST, *form("mme", "gsm8k"))
    assert 'data-phase="' in html
    assert shown(stop)
    await finish(desk)
    html, stop, resume, _, runs, results, seen = await desk.refresh_run(chosen["value"], [], NOTHING, False, REQUEST)
    assert 'data-phase="done"' in html
    assert not shown(stop)
    assert not shown(resume)
    assert runs["value"] == chosen["value"]
    assert results["value"] == [seen[1][0]]
    again = await desk.refresh_run(chosen["value"], results["value"], seen, False, REQUEST)
    assert again[4] == again[5] == gr.skip()


async def test_a_page_that_is_loaded_again_shows_the_run_that_goes_on(desk):
    desk._services.pool.engines[0].paced = True
    chosen, *_ = await desk.start_run(False, REQUEST, *form("mme"))
    html, stop, *_, runs, _, _ = await desk.refresh_run(None, None, NOTHING, False, REQUEST)
    assert shown(stop)
    assert runs["value"] == chosen["value"]
    html, stop, resume, _ = await desk.stop_run(chosen["value"], False, REQUEST)
    assert 'data-phase="stopped"' in html
    assert shown(resume)
    desk._services.pool.engines[0].paced = False
    html, stop, *_ = await desk.resume_run(chosen["value"], "", False, REQUEST)
    assert shown(stop)
    await finish(desk)
    assert 'data-phase="done"' in (await desk.show_run(chosen["value"], False, REQUEST))[0]


async def test_conversations_are_held_with_the_pages_own_server_and_can_be_heard(desk, monkeypatch):
    called = []

    async def hold(address, samples):
        called.append(address)
        return await late_answer(address, samples)

    monkeypatch.setattr(LiveExecutor.__init__, "__defaults__", (hold,))
    await desk.start_run(False, REQUEST, *form("mme", kind=TALKS, limit=1))
    await finish(desk)
    assert called == ["ws://127.0.0.1:7860"] * 2
    [id] = desk._results.result_ids()
    assert desk._results.result_content(id)["model_name"] == "fake"
    board = ResultsHandlers(desk._services, desk._results)
    html, *_ = await board.first_page([id], "full_duplex_turn_taking_bundled", "all", None, 0, REQUEST)
    assert '<audio controls preload="metadata" src="data:audio/ogg' in html
    assert html.count('class="voice"') == 2, "the question and the answer"
    assert "took_turn 1, latency 0." in html
    assert "word word word" in html
    (desk._results.recordings_folder(id) / "full_duplex_turn_taking_bundled_0.ogg").unlink()
    html, *_ = await board.first_page([id], "full_duplex_turn_taking_bundled", "all", None, 0, REQUEST)
    assert "<audio" not in html
    assert "was not kept" in html


async def test_a_conversation_that_failed_shows_what_was_to_be_said_and_why(desk, monkeypatch):
    async def hold(address, samples):
        raise EngineError("no voice")

    monkeypatch.setattr(LiveExecutor.__init__, "__defaults__", (hold,))
    await desk.start_run(False, REQUEST, *form(kind=TALKS, limit=1))
    await finish(desk)
    board = ResultsHandlers(desk._services, desk._results)
    html, *_ = await board.first_page(
        desk._results.result_ids(), "full_duplex_pause_bundled", "failed", None, 0, REQUEST
    )
    assert "EngineError: no voice" in html
    assert "<audio" in html


async def test_a_server_without_a_port_cannot_be_talked_with(desk):
    socket = SimpleNamespace(**vars(REQUEST) | {"request": SimpleNamespace(scope={"server": ("/run/vita", None)})})
    chosen, *_ = await desk.start_run(False, socket, *form(kind=TALKS))
    await finish(desk)
    assert "no port of its own" in (await desk.show_run(chosen["value"], False, REQUEST))[0]


async def test_a_look_that_was_under_way_when_a_run_was_started_shows_the_new_one(desk):
    old, *_ = await desk.start_run(False, REQUEST, *form("mme"))
    await finish(desk)
    *_, seen = await desk.refresh_run(old["value"], [], NOTHING, False, REQUEST)
    desk._services.pool.engines[0].paced = True
    new, *_ = await desk.start_run(False, REQUEST, *form("gsm8k"))
    html, *_, runs, _, seen = await desk.refresh_run(old["value"], [], seen, False, REQUEST)
    assert runs["value"] == new["value"] != old["value"]
    assert 'data-phase="done"' not in html
    html, *_ = await desk.refresh_run(old["value"], [], seen, False, REQUEST)
    assert 'data-phase="done"' in html, "who goes back to the old one stays there"
    await desk.stop_run(new["value"], False, REQUEST)


async def test_what_cannot_be_started_is_a_warning_and_changes_nothing(desk, warnings):
    assert await desk.start_run(False, REQUEST, *form()) == [gr.skip()] * 5
    await desk.start_run(False, REQUEST, *form("mme", who=SERVER))
    assert warnings[0] == "Choose at least one task."
    assert "address" in warnings[1]
    assert list(desk._runs) == []


async def test_a_run_of_another_model_is_not_resumed(desk, warnings):
    desk._services.pool.engines[0].paced = True
    chosen, *_ = await desk.start_run(False, REQUEST, *form("mme"))
    await desk.stop_run(chosen["value"], False, REQUEST)
    other = Services(pool_of(FakeEngine()), model="other", results=desk._services.results)
    assert (
        await EvaluateHandlers(other, RunManager(other), desk._results).resume_run(chosen["value"], "", False, REQUEST)
        == [gr.skip()] * 4
    )
    assert "this page runs other" in warnings[0]


async def test_what_will_run_follows_the_form(desk):
    assert "2 tasks, 20 items" in await desk.describe_needs(
        False, "bundled", "", 0, REQUEST, QUESTIONS, ["gsm8k"], ["mme"], []
    )
    assert "2 tasks, 4 items" in await desk.describe_needs(False, "bundled", "", 0, REQUEST, TALKS, ["mme"], TALKED)
    assert "1,319 items" in await desk.describe_needs(False, "real", "", 0, REQUEST, QUESTIONS, ["gsm8k"], [])
    assert "There is no folder" in await desk.describe_needs(
        False, "real", "/no/where", 0, REQUEST, QUESTIONS, ["gsm8k"], []
    )


async def test_who_may_only_watch_is_told_why_and_changes_nothing(desk, warnings):
    started = await desk.start_run(False, REQUEST, *form("mme"))
    id = started[0]["value"]
    text, password, start = await desk.greet_visitor(False, FAR)
    assert "服务器本机" in text
    assert not shown(password)
    assert not start["interactive"]
    html, stop, _, _ = await desk.show_run(id, False, FAR)
    assert "data-phase" in html, "watching is for all"
    assert not stop["interactive"]
    assert await desk.start_run(False, FAR, *form("mme")) == [gr.skip()] * 5
    assert await desk.stop_run(id, False, FAR) == [gr.skip()] * 4
    assert await desk.resume_run(id, "", False, FAR) == [gr.skip()] * 4
    assert len(warnings) == 3
    assert "本机" in await desk.describe_needs(False, "real", "/etc", 0, FAR, QUESTIONS, ["gsm8k"], []), (
        "no looking into folders either"
    )
    await finish(desk)


async def test_the_password_opens_the_tab(desk, warnings):
    desk._services.gate = EvaluationGate(password="sesame", clock=itertools.count(0, 10).__next__)
    text, password, start = await desk.greet_visitor(False, FAR)
    assert shown(password)
    assert await desk.unlock_visitor("simsim", FAR) == [False, *[gr.skip()] * 3]
    assert warnings == ["密码不正确，请稍后再试。"]
    unlocked, text, password, start = await desk.unlock_visitor("sesame", FAR)
    assert (unlocked, text, shown(password), start["interactive"]) == (True, "", False, True)
    started = await desk.start_run(unlocked, FAR, *form("mme"))
    assert "data-phase" in started[1]
    await finish(desk)


@pytest.fixture
async def board(desk) -> tuple[ResultsHandlers, list[str]]:
    await desk.start_run(False, REQUEST, *form("mme", "state_tokens", "gsm8k", "librispeech_dev_clean"))
    await finish(desk)
    return ResultsHandlers(desk._services, desk._results), desk._results.result_ids()


async def test_the_board_shows_what_a_run_has_and_hides_what_it_has_not(board):
    handlers, chosen = board
    public, bundled, *plots, no_radar, states, no_states, latency, speed = await handlers.show_overview(chosen, REQUEST)
    assert public.value == ""
    assert "MME" in bundled.value
    assert [shown(plot) for plot in plots] == [False, False, False, True, True, False, False, True]
    assert no_radar == no_states == ""
    assert shown(states)
    assert shown(latency)
    assert "median item" in speed


async def test_an_empty_board_says_what_to_do(board, tmp_path):
    handlers, chosen = board
    assert "Choose a run above" in (await handlers.show_overview([], REQUEST))[0]
    nothing = ResultsHandlers(Services(pool_of(FakeEngine())), FinishedRuns(tmp_path / "none"))
    assert "No results yet" in await nothing.empty_samples(REQUEST)
    assert await handlers.empty_samples(REQUEST) == gr.skip()
    updates = await nothing.show_overview([], REQUEST)
    assert "No results yet" in updates[0]
    assert len(updates) == len(await handlers.show_overview(chosen, REQUEST))
    with pytest.raises(gr.Error, match="Choose a run"):
        await handlers.export_csv([], REQUEST)
    assert len(await handlers.show_overview(["gone.json"], REQUEST)) == len(updates)


async def test_parts_tasks_and_pages_of_samples_follow_the_chosen_run(board):
    handlers, chosen = board
    assert (await handlers.parts_of(chosen))["value"] == "mme_bundled"
    plot, missing = await handlers.show_parts(chosen, "mme_bundled", REQUEST)
    assert shown(plot)
    assert missing == ""
    assert "No task of this run" in (await handlers.show_parts(chosen, "gsm8k_bundled", REQUEST))[1]
    task, other = await handlers.tasks_of(chosen, "gsm8k_bundled")
    assert task["value"] == "gsm8k_bundled"
    assert other["value"] is None
    html, page, back, on = await handlers.first_page(chosen, "librispeech_dev_clean_bundled", "wrong", None, 3, REQUEST)
    assert html.count("<article") == 2
    assert (page, shown(back), shown(on)) == (0, False, False)
    turned = handlers.page_handler(1)
    assert (await turned(chosen, "mme_bundled", "all", None, 0, REQUEST))[1] == 0  # one page only
    assert "Choose a run" in (await handlers.first_page([], None, "all", None, 0, REQUEST))[0]


async def test_what_changed_is_compared_with_the_newest_run_that_has_the_task(board, desk):
    handlers, [first] = board
    for tasks in (["mme"], ["gsm8k"]):
        await desk.start_run(False, REQUEST, *form(*tasks))
        await finish(desk)
    newest, middle, _ = desk._results.result_ids()
    _, other = await handlers.tasks_of([newest], None)
    assert other["value"] == first, "the one between has not this task"
    assert [id for _, id in other["choices"]] == [middle, first]


async def test_files_are_made_and_the_hub_wants_a_name_and_a_token(board, monkeypatch):
    handlers, chosen = board
    for make, end in ((handlers.export_csv, ".csv"), (handlers.export_html, ".html"), (handlers.export_zip, ".zip")):
        assert Path(await make(chosen, REQUEST)).stat().st_size > 100
        assert (await make(chosen, REQUEST)).endswith(end)
    with pytest.raises(gr.Error, match="a token"):
        await handlers.push_run(chosen, "me/runs", " ", REQUEST)
    monkeypatch.setattr(
        "demos.evaluation.results_handlers.push_to_hub", lambda path, repo, token: f"{path.name} {repo} {token}"
    )
    said, token = await handlers.push_run(chosen, "me/runs", "secret", REQUEST)
    assert "me/runs secret" in said
    assert token == ""


def test_every_text_that_the_tab_looks_up_is_there():
    used = {
        key
        for path in (DEMOS / "evaluation").glob("*.py")
        for key in re.findall(r'(?:i18n|say_in|note|note_html)\(f?"([\w.]+)"', path.read_text())
    }
    assert used <= set(WORDS["en"])


async def test_resume_goes_on_with_the_run_that_is_chosen_of_two_of_one_plan(desk):
    engine = desk._services.pool.engines[0]
    engine.paced = True
    old, *_ = await desk.start_run(False, REQUEST, *form("mme"))
    await desk.stop_run(old["value"], False, REQUEST)
    new, *_ = await desk.start_run(False, REQUEST, *form("mme", fresh=True))
    await desk.stop_run(new["value"], False, REQUEST)
    engine.paced = False
    later = EvaluateHandlers(desk._services, RunManager(desk._services), desk._results)
    for each in (desk, later):
        assert each._runs.live is None
    await later.resume_run(old["value"], "", False, REQUEST)
    assert later._runs.live == old["value"]
    await finish(later)
    phases = {id: (await later._runs.look(id)).phase for id in later._runs}
    assert phases == {old["value"]: "done", new["value"]: "stopped"}


async def test_a_page_with_a_broken_plan_goes_on(desk, warnings):
    folder = desk._services.results / "fake" / "run_2026-01-01T00-00-00_0badf00d"
    folder.mkdir(parents=True)
    (folder / "plan.json").touch()
    html, *_, runs, _, seen = await desk.refresh_run(None, None, NOTHING, False, REQUEST)
    assert "ev-empty" in html
    assert (runs, seen[0], warnings) == (gr.skip(), (), [])
