"""What happens on each event of the tab Evaluate, without a page."""

from __future__ import annotations

import asyncio
import csv
import itertools
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from demos.evaluation.evaluate_handlers import EvaluateHandlers
from demos.evaluation.evaluate_tab import followed_address
from demos.evaluation.results_handlers import ResultsHandlers
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_form import QUESTIONS, SERVER, TALKS
from demos.evaluation.run_label_handlers import RunLabelHandlers
from demos.evaluation.run_manager import RunManager
from demos.evaluation.run_titles import run_stamp
from demos.evaluation.sample_handlers import SampleHandlers
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
CHINESE = SimpleNamespace(**vars(REQUEST) | {"headers": {**REQUEST.headers, "accept-language": "zh-CN"}})
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
    return EvaluateHandlers(services, RunManager(services), RunArchive(tmp_path))


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


async def begin(desk: EvaluateHandlers, *tasks: str, **given) -> str:
    """Start a run; returns its id."""
    await desk.start_run(False, REQUEST, *form(*tasks, **given))
    return desk._runs.live or next(iter(desk._runs))


async def run_whole(desk: EvaluateHandlers, *tasks: str, **given) -> str:
    """Run to the end; returns the run's id."""
    id = await begin(desk, *tasks, **given)
    await finish(desk)
    return id


async def test_a_page_without_runs_opens_the_form_and_says_what_to_do(desk):
    new, listed, html, stop, resume, _, runs, seen = await desk.follow_runs([], False, REQUEST)
    assert new["open"]
    assert "Choose tasks and press Start" in html
    assert (listed, runs["value"], seen.ids) == ("", [], ())
    assert not shown(stop)
    assert not shown(resume)


async def test_a_run_is_started_watched_and_its_results_come_by_themselves(desk):
    *_, before = await desk.follow_runs([], False, REQUEST)
    new, html, stop, *_ = await desk.start_run(False, REQUEST, *form("mme", "gsm8k"))
    id = desk._runs.live
    assert not new["open"], "the form is folded again"
    assert 'data-phase="' in html
    assert shown(stop)
    listed, *_, runs, seen, _, led = await desk.refresh_run([], before, 0, False, REQUEST)
    assert runs["value"] == led == [id], "a run that has begun is shown"
    assert 'aria-current="true"' in listed
    await finish(desk)
    listed, html, stop, resume, _, runs, seen, news, _ = await desk.refresh_run([id], seen, 0, False, REQUEST)
    assert 'data-phase="done"' in html
    assert not shown(stop)
    assert not shown(resume)
    assert news == 1, "its results are drawn"
    again = await desk.refresh_run([id], seen, news, False, REQUEST)
    assert again[0] == again[5] == again[7] == gr.skip()


async def test_a_page_that_is_loaded_again_shows_the_run_that_goes_on(desk):
    desk._services.pool.engines[0].paced = True
    id = await begin(desk, "mme")
    new, _, html, stop, *_, runs, _ = await desk.follow_runs([], False, REQUEST)
    assert new == gr.skip(), "the form stays folded"
    assert shown(stop)
    assert runs["value"] == [id]
    html, stop, resume, _ = await desk.stop_run([id], False, REQUEST)
    assert 'data-phase="stopped"' in html
    assert shown(resume)
    desk._services.pool.engines[0].paced = False
    html, stop, *_ = await desk.resume_run([id], "", False, REQUEST)
    assert shown(stop)
    await finish(desk)
    assert 'data-phase="done"' in (await desk.show_run([id], False, REQUEST))[0]


async def test_conversations_are_held_with_the_pages_own_server_and_can_be_heard(desk, monkeypatch):
    called = []

    async def hold(address, samples):
        called.append(address)
        return await late_answer(address, samples)

    monkeypatch.setattr(LiveExecutor.__init__, "__defaults__", (hold,))
    await desk.start_run(False, REQUEST, *form("mme", kind=TALKS, limit=1))
    await finish(desk)
    assert called == ["ws://127.0.0.1:7860"] * 2
    [id] = desk._archive.result_ids()
    assert desk._archive.result_content(id)["model_name"] == "fake"
    board = SampleHandlers(desk._services, desk._archive)
    html, *_ = await board.first_page([id], "full_duplex_turn_taking_bundled", "all", None, "", 0, REQUEST)
    assert '<audio controls preload="metadata" src="data:audio/ogg' in html
    assert html.count('class="voice"') == 2, "the question and the answer"
    assert "took_turn 1, latency 0." in html
    overview = await ResultsHandlers(desk._services, desk._archive).show_overview([id], REQUEST)
    _, *waits = re.findall("<td>([^<]*)</td>", overview[-2])  # behind the empty corner
    assert re.fullmatch(r"0\.[1-9]\d s|\d+ ms", waits[0]), "how long the answer was waited for"
    assert waits[2:] == ["–", "–", "–"], "no 0.00 for what conversations have not"
    assert "word word word" in html
    (desk._archive.recordings_folder(id) / "full_duplex_turn_taking_bundled_0.ogg").unlink()
    html, *_ = await board.first_page([id], "full_duplex_turn_taking_bundled", "all", None, "", 0, REQUEST)
    assert "<audio" not in html
    assert "was not kept" in html


async def test_a_conversation_that_failed_shows_what_was_to_be_said_and_why(desk, monkeypatch):
    async def hold(address, samples):
        raise EngineError("no voice")

    monkeypatch.setattr(LiveExecutor.__init__, "__defaults__", (hold,))
    await desk.start_run(False, REQUEST, *form(kind=TALKS, limit=1))
    await finish(desk)
    board = SampleHandlers(desk._services, desk._archive)
    html, *_ = await board.first_page(
        desk._archive.result_ids(), "full_duplex_pause_bundled", "failed", None, "", 0, REQUEST
    )
    assert "EngineError: no voice" in html
    assert "<audio" in html


async def test_a_server_without_a_port_cannot_be_talked_with(desk):
    socket = SimpleNamespace(**vars(REQUEST) | {"request": SimpleNamespace(scope={"server": ("/run/vita", None)})})
    await desk.start_run(False, socket, *form(kind=TALKS))
    [id] = desk._runs
    await finish(desk)
    assert "no port of its own" in (await desk.show_run([id], False, REQUEST))[0]


async def test_a_look_that_was_under_way_when_a_run_was_started_shows_the_new_one(desk):
    old = await run_whole(desk, "mme")
    *_, seen = await desk.follow_runs([], False, REQUEST)
    desk._services.pool.engines[0].paced = True
    new = await begin(desk, "gsm8k")
    _, html, *_, runs, seen, _, _ = await desk.refresh_run([old], seen, 0, False, REQUEST)
    assert runs["value"] == [new] != [old]
    assert 'data-phase="done"' not in html
    _, html, *_ = await desk.refresh_run([old], seen, 0, False, REQUEST)
    assert 'data-phase="done"' in html, "who goes back to the old one stays there"
    await desk.stop_run([new], False, REQUEST)


async def test_what_cannot_be_started_is_a_warning_and_changes_nothing(desk, warnings):
    assert await desk.start_run(False, REQUEST, *form()) == [gr.skip()] * 5
    await desk.start_run(False, REQUEST, *form("mme", who=SERVER))
    assert warnings[0] == "Choose at least one task."
    assert "address" in warnings[1]
    assert list(desk._runs) == []


async def test_a_run_of_another_model_is_not_resumed(desk, warnings):
    desk._services.pool.engines[0].paced = True
    id = await begin(desk, "mme")
    await desk.stop_run([id], False, REQUEST)
    other = Services(pool_of(FakeEngine()), model="other", results=desk._services.results)
    later = EvaluateHandlers(other, RunManager(other), desk._archive)
    assert await later.resume_run([id], "", False, REQUEST) == [gr.skip()] * 4
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
    id = await begin(desk, "mme")
    text, password, start = await desk.greet_visitor(False, FAR)
    assert "服务器本机" in text
    assert not shown(password)
    assert not start["interactive"]
    html, stop, _, _ = await desk.show_run([id], False, FAR)
    assert "data-phase" in html, "watching is for all"
    assert not stop["interactive"]
    assert await desk.start_run(False, FAR, *form("mme")) == [gr.skip()] * 5
    assert await desk.stop_run([id], False, FAR) == [gr.skip()] * 4
    assert await desk.resume_run([id], "", False, FAR) == [gr.skip()] * 4
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
    await run_whole(desk, "mme", "state_tokens", "gsm8k", "librispeech_dev_clean")
    return ResultsHandlers(desk._services, desk._archive), desk._archive.run_ids()


async def test_the_board_shows_what_a_run_has_and_hides_what_it_has_not(board):
    handlers, chosen = board
    public, bundled, *plots, no_radar, states, no_states, latency, speed, settings = await handlers.show_overview(
        chosen, REQUEST
    )
    assert public.value == ""
    assert "MME" in bundled.value
    assert [shown(plot) for plot in plots] == [False, False, False, True, True, False, False, True]
    assert no_radar == no_states == ""
    assert shown(states)
    assert shown(latency)
    assert "median item" in speed
    assert "2 items a task" in plots[3]["value"].plot, "the chart says what is unusual in the run's settings"
    assert '"filename": "scores_fake-2-items-a-task"' in plots[3]["value"].plot
    assert "Items of each task</th><td>2</td>" in settings


async def test_charts_and_tables_are_in_the_visitors_language(board):
    handlers, chosen = board
    _, _, *plots, _, states, _, latency, speed, settings = await handlers.show_overview(chosen, CHINESE)
    assert "Bundled items" not in plots[3]["value"].plot
    drawn = "".join(
        json.dumps(json.loads(plot["value"].plot), ensure_ascii=False) for plot in (*plots[3:5], states, latency)
    )
    for said in ("内置题目，并非基准本身", "每项 2 题", "题数", "噪声", "将图表保存为 PNG"):
        assert said in drawn
    assert "单题中位数" in speed
    assert "每项题数" in settings


async def test_an_empty_board_says_what_to_do(board, tmp_path):
    handlers, chosen = board
    assert "Choose a run above" in (await handlers.show_overview([], REQUEST))[0]
    empty = Services(pool_of(FakeEngine())), RunArchive(tmp_path / "none")
    nothing, samples = ResultsHandlers(*empty), SampleHandlers(handlers._services, handlers._archive)
    assert "No results yet" in await SampleHandlers(*empty).empty_samples(REQUEST)
    assert await samples.empty_samples(REQUEST) == gr.skip()
    updates = await nothing.empty_overview(REQUEST)
    assert "No results yet" in updates[0]
    assert await handlers.empty_overview(REQUEST) == [gr.skip()] * len(updates)
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
    samples = SampleHandlers(handlers._services, handlers._archive)
    task, other = await samples.tasks_of(chosen, "gsm8k_bundled", None, REQUEST)
    assert "gsm8k_bundled" in dict(task["choices"]).values()
    assert "value" not in task, "what fits is left alone"
    assert "value" not in other
    task, _ = await samples.tasks_of(chosen, "mmmu", None, REQUEST)
    assert task["value"] == "mme_bundled"
    heard = "librispeech_dev_clean_bundled"
    html, page, back, on = await samples.first_page(chosen, heard, "wrong", None, "", 3, REQUEST)
    assert html.count("<article") == 2
    assert (page, shown(back), shown(on)) == (0, False, False)
    turned = samples.page_handler(1)
    assert (await turned(chosen, "mme_bundled", "all", None, "", 0, REQUEST))[1] == 0  # one page only
    assert "Choose a run" in (await samples.first_page([], None, "all", None, "", 0, REQUEST))[0]


async def test_a_filter_that_compares_takes_the_newest_run_that_has_the_task(board, desk):
    _, [first] = board
    for tasks in (["mme"], ["gsm8k"]):
        await run_whole(desk, *tasks)
    newest, middle, _ = desk._archive.run_ids()
    samples = SampleHandlers(desk._services, desk._archive)
    _, other = await samples.tasks_of([newest], None, None, REQUEST)
    assert "value" not in other, "nothing is compared unasked"
    assert [id for _, id in other["choices"]] == [first], "the one between has not this task"
    assert (await samples.other_for([newest], "gsm8k_bundled", "differs", None))["value"] == first
    assert await samples.other_for([newest], "gsm8k_bundled", "wrong", None) == gr.skip()
    _, other = await samples.tasks_of([newest, first], "gsm8k_bundled", None, REQUEST)
    assert other["value"] == first, "of two runs that are shown the second stands beside the first"
    assert middle not in other["choices"]


async def test_files_are_made_and_the_hub_wants_a_name_and_a_token(board, monkeypatch):
    handlers, chosen = board
    for make, end in ((handlers.export_csv, ".csv"), (handlers.export_html, ".html"), (handlers.export_zip, ".zip")):
        assert Path(await make(chosen, REQUEST)).stat().st_size > 100
        assert (await make(chosen, REQUEST)).endswith(end)
    page = Path(await handlers.export_html(chosen, REQUEST))
    assert page.name == "charts_fake-2-items-a-task.html"
    assert "<td>Items of each task</td><td>2</td>" in page.read_text("utf-8")
    with pytest.raises(gr.Error, match="a token"):
        await handlers.push_run(chosen, "me/runs", " ", REQUEST)
    monkeypatch.setattr(
        "demos.evaluation.results_handlers.push_to_hub", lambda path, repo, token: f"{path.name} {repo} {token}"
    )
    said, token = await handlers.push_run(chosen, "me/runs", "secret", REQUEST)
    assert "me/runs secret" in said
    assert token == ""


async def test_two_runs_of_one_model_are_told_apart_everywhere(desk):
    usual, other = await run_whole(desk, "mme"), await run_whole(desk, "mme", shots=0, seed=7)
    handlers = ResultsHandlers(desk._services, desk._archive)
    _, bundled, *_, settings = await handlers.show_overview([other, usual], REQUEST)
    heads = re.findall('<th scope="col">([^<]*)</th>', bundled.value)
    assert heads[1:3] == ["fake · 2 items a task · 0-shot · seed 7", "fake · 2 items a task"]
    differing, alike = settings.split("The same for all")
    assert "What differs" in differing
    assert "Examples before each question</th><td>0</td><td>each task’s own number</td>" in differing
    assert "Seed</th><td>7</td><td>0</td>" in differing
    assert "Items of each task" in alike
    with open(await handlers.export_csv([other, usual], REQUEST), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["run"], row["id"], row["seed"]) for row in rows] == [(heads[1], other, "7"), (heads[2], usual, "0")]
    listed = (await desk.follow_runs([], False, REQUEST))[1]
    stamp = run_stamp(usual)
    assert stamp in listed
    assert stamp in (await desk.show_run([usual], False, REQUEST))[0], "list and board agree about the time"


async def test_a_stopped_runs_answers_can_be_read(desk):
    engine = desk._services.pool.engines[0]
    engine.paced = True
    id = await begin(desk, "mme", limit=0)
    async with asyncio.timeout(20):
        while not engine.requests:
            await asyncio.sleep(0.01)
        await engine.release(6)
        while not (desk._archive.root / id / "items.jsonl").exists():
            await asyncio.sleep(0.01)
    await desk.stop_run([id], False, REQUEST)
    handlers, samples = (kind(desk._services, desk._archive) for kind in (ResultsHandlers, SampleHandlers))
    task, _ = await samples.tasks_of([id], None, None, REQUEST)
    html, *_ = await samples.first_page([id], task["value"], "all", None, "", 0, REQUEST)
    assert '<dd class="answer">' in html
    _, bundled, *_ = await handlers.show_overview([id], REQUEST)
    assert "MME" in bundled.value
    assert Path(await handlers.export_csv([id], REQUEST)).is_file()
    with pytest.raises(gr.Error, match="no results file yet"):
        await handlers.export_zip([id], REQUEST)


async def test_an_address_names_runs_and_what_of_their_samples_is_shown(desk, warnings):
    usual, other = await run_whole(desk, "mme", "gsm8k"), await run_whole(desk, "mme", seed=1)
    follow = followed_address(desk, SampleHandlers(desk._services, desk._archive))
    named = {"runs": [usual], "task": "gsm8k_bundled", "show": "worse", "against": other, "find": "what", "sample": "1"}
    *_, runs, _, task, show, beside, find, sample = await follow(named, False, REQUEST)
    assert (runs["value"], task["value"], show["value"]) == ([usual], "gsm8k_bundled", "worse")
    assert (beside["value"], find["value"], sample) == (None, "what", 1), "the other run has not this task"
    named = {"runs": [usual, other], "show": "x", "against": other, "sample": "-1"}
    *_, runs, _, task, show, beside, find, sample = await follow(named, False, REQUEST)
    assert (runs["value"], task["value"], show["value"]) == ([usual, other], "mme_bundled", "all")
    assert (beside["value"], sample) == (other, None)
    [file] = [id for id in desk._archive.result_ids() if desk._archive.kept_run(id).id == usual]
    *_, runs, _ = await desk.follow_runs([file], False, REQUEST)
    assert runs["value"] == [usual], "a results file names its run, too"
    assert warnings == []
    *_, runs, _ = await desk.follow_runs(["fake/run_gone"], False, REQUEST)
    assert runs["value"] == [other], "the newest"
    assert "not here any more" in warnings[0]


async def test_a_run_is_named_noted_deleted_and_had_back(desk, warnings):
    id = await run_whole(desk, "mme")
    labels = RunLabelHandlers(desk._services, desk._archive)
    assert "Saved" in await labels.save_label([id], " My  <run> ", "why: a trial", False, REQUEST)
    assert (await labels.show_label([id]))[:2] == ["My <run>", "why: a trial"]
    _, listed, html, *_ = await desk.follow_runs([], False, REQUEST)
    for text in (listed, html):
        assert "My &lt;run&gt; · 2 items a task" in text
        assert "why: a trial" in text
    assert await labels.save_label([id], "x" * 99, "", False, REQUEST) == ""
    assert "at most 60 characters" in warnings[0]
    said, undo, deleted, runs = await labels.delete_run([id], False, REQUEST)
    assert "My &lt;run&gt;" in said
    assert (shown(undo), deleted, runs) == (True, id, [])
    assert (desk._archive.run_ids(), desk._archive.result_ids(), list(desk._runs)) == ([], [], [])
    _, undo, deleted, runs = await labels.undo_delete(deleted, False, REQUEST)
    assert (shown(undo), deleted, runs["value"]) == (False, "", [id])
    assert desk._archive.run_ids() == [id]
    assert desk._archive.label(id).note == "why: a trial"
    assert desk._archive.result_samples(id, "mme_bundled")


async def test_who_may_only_watch_names_and_deletes_nothing(desk, warnings):
    id = await run_whole(desk, "mme")
    labels = RunLabelHandlers(desk._services, desk._archive)
    assert await labels.save_label([id], "mine", "", False, FAR) == ""
    assert await labels.delete_run([id], False, FAR) == [gr.skip()] * 4
    assert await labels.undo_delete(id, False, FAR) == [gr.skip()] * 4
    assert len(warnings) == 3
    assert (desk._archive.run_ids(), desk._archive.label(id).name) == ([id], "")


async def test_a_run_that_goes_on_is_not_deleted(desk, warnings):
    desk._services.pool.engines[0].paced = True
    id = await begin(desk, "mme")
    async with asyncio.timeout(20):
        while not desk._services.pool.engines[0].requests:
            await asyncio.sleep(0.01)
    labels = RunLabelHandlers(desk._services, desk._archive)
    assert await labels.delete_run([id], False, REQUEST) == [gr.skip()] * 4
    assert "stop it first" in warnings[0]
    await desk.stop_run([id], False, REQUEST)


async def test_results_whose_run_is_not_here_are_shown_and_named(board, desk):
    _, [id] = board
    results = desk._archive.result_path(id)
    shutil.rmtree(desk._archive.root / id)
    [alone] = desk._archive.run_ids()
    assert alone == results.relative_to(desk._archive.root).as_posix()
    assert "Only the results" in (await desk.show_run([alone], False, REQUEST))[0]
    labels = RunLabelHandlers(desk._services, desk._archive)
    await labels.save_label([alone], "kept", "", False, REQUEST)
    assert "kept · 2 items a task" in (await desk.follow_runs([], False, REQUEST))[1]
    await labels.delete_run([alone], False, REQUEST)
    assert desk._archive.run_ids() == []
    await labels.undo_delete(alone, False, REQUEST)
    assert desk._archive.label(alone).name == "kept"


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
    old = await begin(desk, "mme")
    await desk.stop_run([old], False, REQUEST)
    new = await begin(desk, "mme", fresh=True)
    await desk.stop_run([new], False, REQUEST)
    engine.paced = False
    later = EvaluateHandlers(desk._services, RunManager(desk._services), desk._archive)
    for each in (desk, later):
        assert each._runs.live is None
    await later.resume_run([old], "", False, REQUEST)
    assert later._runs.live == old
    await finish(later)
    phases = {id: (await later._runs.look(id)).phase for id in later._runs}
    assert phases == {old: "done", new: "stopped"}


async def test_a_page_with_a_broken_plan_goes_on(desk, warnings):
    folder = desk._services.results / "fake" / "run_2026-01-01T00-00-00_0badf00d"
    folder.mkdir(parents=True)
    (folder / "plan.json").touch()
    _, listed, html, *_, runs, seen = await desk.follow_runs([], False, REQUEST)
    assert "ev-empty" in html
    assert (listed, runs["value"], seen.ids, warnings) == ("", [], (), [])
