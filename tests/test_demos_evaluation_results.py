"""Finished runs on disk: tables, charts, samples and files, by what they show."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from demos.evaluation.evaluation_html import clock_time, empty_html, needs_html, progress_html
from demos.evaluation.results_tables import RunSpeed, results_table, speed_table
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_downloads import csv_file, html_file, zip_file
from demos.evaluation.run_titles import distinct_titles, run_stamp, run_start
from demos.evaluation.run_views import RunView, TaskView
from demos.evaluation.sample_cards import PAGE, SampleFilter, card_html, cards_html
from demos.evaluation.sample_media import medium_html
from evals.cli import run_commands
from evals.contestants import contestant_from_arguments
from evals.report import figures as charts
from evals.report import html_page
from evals.result_files import bundled_part
from evals.task import BUNDLED
from evals.task_data import Selection
from evals.tasks import TASKS, select_tasks
from vita.errors import EngineError, InputError

MMLU = SampleFilter("mmlu_bundled")
NAMES = ["mmlu_bundled", "mme_bundled", "librispeech_dev_clean_bundled", "videomme_bundled", "state_tokens_bundled"]


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """Two runs of the simulated contestant, the second with other answers."""
    root = tmp_path_factory.mktemp("results")
    for seed in (0, 1):
        job = run_commands.Job(
            contestant_from_arguments("simulated", ""), select_tasks(NAMES), output=root, log_samples=True
        )
        asyncio.run(run_commands.run_job(replace(job, asking=replace(job.asking, seed=seed))))
    return root


@pytest.fixture(scope="module")
def found(root):
    results = RunArchive(root)
    return results, results.result_ids(), [results.result_content(id) for id in results.result_ids()]


def as_if_public(content):
    """The same numbers as though they were of the real data."""
    headlines = {
        name.removesuffix("_bundled"): {**one, "title": one["title"].removesuffix(" (bundled)")}
        for name, one in content["headlines"].items()
    }
    bare = {
        key: {name.removesuffix("_bundled"): value for name, value in content[key].items()}
        for key in ("results", "n-samples", "higher_is_better", "failures", "bundled", "units")
    }
    return {**content, **bare, "headlines": headlines, "bundled": dict.fromkeys(headlines, False)}


def test_all_runs_are_found_newest_first_and_named_apart(found):
    results, ids, _ = found
    assert len(ids) == 2
    assert ids == sorted(ids, reverse=True)
    assert results.run_ids() == [results.kept_run(id).id for id in ids], "the same runs, by their folders"


def test_runs_of_one_title_are_named_apart_even_within_one_second():
    second = "nano/results_2026-11-21T23-15-02"
    ids = [f"{second}.900.json", f"{second}.100.json", "nano/results_2026-11-21T23-15-01.json", "other/results_x.json"]
    assert distinct_titles(["nano", "nano", "nano", "other"], ids) == [
        "nano · 2026-11-21 23:15:02 · 1",
        "nano · 2026-11-21 23:15:02 · 2",
        "nano · 2026-11-21 23:15:01",
        "other",
    ]


def test_files_of_other_programs_and_half_written_ones_are_left_out(tmp_path):
    (tmp_path / "results_2026-01-01T00-00-00.json").write_text(json.dumps({"results": {}}))
    (tmp_path / "results_2026-01-02T00-00-00.json").write_text('{"headli')
    assert RunArchive(tmp_path).result_ids() == []
    assert RunArchive(tmp_path / "nowhere").result_ids() == []


@pytest.mark.parametrize("id", ["../results_x.json", "gone.json"])
def test_results_that_are_not_there_are_an_error_that_says_so(root, id):
    with pytest.raises(InputError, match="choose others"):
        RunArchive(root).result_content(id)


def test_a_runs_time_is_read_from_its_name():
    assert run_stamp("nano/run_2026-11-21T23-15-02.123_ab12cd34") == "2026-11-21 23:15:02"
    assert run_start("nano/results_2026-11-21T23-15-02.123.json") is not None
    assert (run_start("nano/results_x.json"), run_stamp("nano/results_x.json")) == (None, "results_x")


def test_bundled_and_real_numbers_are_never_in_one_chart_or_table(found):
    _, _, contents = found
    both = {
        key: contents[0][key] | as_if_public(contents[0])[key] if isinstance(contents[0][key], dict) else value
        for key, value in contents[0].items()
    }
    public, bundled = (charts.score_figure(["simulated"], [both], each) for each in (False, True))
    assert list(bundled.data[0].y) == list(public.data[0].y)
    assert len(bundled.data) == 1
    assert bundled.layout.title.text.startswith("Bundled items")
    assert public.layout.title.text is None
    assert {"VITA", "Mixtral-8x7B-Instruct", "VITA-1.5"} <= {trace.name for trace in public.data}
    assert "VITA-1.5" not in results_table(["simulated"], [both], True, "en")
    assert "VITA-1.5" in results_table(["simulated"], [both], False, "en")
    assert bundled_part(both, True)["headlines"].keys().isdisjoint(bundled_part(both, False)["headlines"])


def test_bars_lie_with_their_intervals_and_sources(found):
    _, ids, contents = found
    public = as_if_public(contents[0])
    figure = charts.score_figure(["simulated"], [public], bundled=False)
    ours = figure.data[0]
    assert ours.orientation == "h"
    assert ours.y[0] == "MMLU"
    assert "LibriSpeech dev-clean ↓" in ours.y
    low, high = public["headlines"]["mmlu"]["interval"]
    assert ours.x[0] + ours.error_x.array[0] == pytest.approx(high)
    assert ours.x[0] - ours.error_x.arrayminus[0] == pytest.approx(low)
    theirs = next(trace for trace in figure.data if trace.name == "VITA")
    assert theirs.x[list(theirs.y).index("MMLU")] == 70.98
    assert "language_eval2.png" in theirs.customdata[0][0]
    assert theirs.hovertemplate.startswith("%{y}<br>%{x}")
    both = charts.score_figure(distinct_titles(["simulated"] * 2, ids), contents, bundled=True)
    assert len(both.data) == 2
    assert both.data[0].marker.color != both.data[1].marker.color


def test_points_and_percents_have_charts_of_their_own(found):
    _, _, contents = found
    assert list(charts.score_figure(["a"], contents[:1], True, "points").data[0].y) == ["MME"]
    assert "MME" not in charts.score_figure(["a"], contents[:1], True).data[0].y
    assert charts.score_figure(["a"], contents[:1], False) is None


def test_an_error_rate_of_thousands_leaves_the_other_bars_to_be_seen(found):
    _, _, contents = found
    name = "librispeech_dev_clean_bundled"
    headline = contents[0]["headlines"][name] | {"value": 3657.0, "interval": None}
    figure = charts.score_figure(
        ["a"], [{**contents[0], "headlines": contents[0]["headlines"] | {name: headline}}], True
    )
    ours = figure.data[0]
    assert figure.layout.xaxis.range[1] < 140
    assert [text for text in ours.text if text] == ["3657 % →"]
    assert max(ours.x) == 3657.0, "the value itself is kept, and shown where one points"
    [points] = charts.score_figure(["a"], contents[:1], True, "points").data[0].text
    assert re.fullmatch(r"\d+ / 1600", points), "of eight categories, each 200"


def test_the_other_charts_are_there_only_where_there_is_something_to_show(found):
    results, ids, contents = found
    radar = charts.ability_radar(["a"], contents[:1], True)
    assert set(radar.data[0].theta) == {"language", "image", "speech", "video", "interaction"}
    assert charts.ability_radar(["a"], contents[:1], False) is None
    assert charts.confusion_figure(contents[0]).data[0].type == "heatmap"
    without = {**contents[0], "headlines": {"mme_bundled": contents[0]["headlines"]["mme_bundled"]}}
    assert charts.confusion_figure(without) is None
    assert "existence" in charts.part_figure(contents[0], "mme_bundled").data[0].y
    shares = charts.part_figure(contents[0], "videomme_bundled").layout.xaxis
    assert (shares.tickformat, shares.range) == (".0%", (0, 1.03)), "all of them, right or not"
    assert charts.part_figure(contents[0], "state") is None
    assert "mme_bundled" in charts.tasks_with_parts(contents[0])
    latency = charts.latency_figure(["a", "b"], [results.item_seconds(id) for id in ids])
    assert len(latency.data) == 2
    assert charts.latency_figure(["a"], [[]]) is None


def test_a_table_has_a_column_for_each_run_and_marks_error_rates(found):
    _, _, contents = found
    html = results_table(["one", "<two>"], contents, True, "en")
    assert '<th scope="col">one</th><th scope="col">&lt;two&gt;</th>' in html
    assert html.count("<tr>") == 1 + len(NAMES)
    assert "LibriSpeech dev-clean ↓" in html
    assert "Never compare these" in html
    assert results_table(["one"], contents[:1], False, "en") == ""
    only = {**contents[1], "headlines": {"mme_bundled": contents[1]["headlines"]["mme_bundled"]}}
    assert "<td>–</td>" in results_table(["one", "two"], [contents[0], only], True, "zh")
    kept = RunSpeed("one", contents[0], [1.0, 2.0, 9.0], [0.5, 0.5, 0.75])
    html = speed_table([kept, RunSpeed("two", contents[1], [], [])], "en")
    assert "one</th><td>2.00 s</td><td>8.30 s</td><td>0.50 s</td>" in html
    assert "two</th><td>–</td><td>–</td><td>–</td>" in html
    assert "<td>0.3 ms</td><td>0.3 ms</td><td>90 ms</td>" in speed_table(
        [replace(kept, seconds=[3e-4], firsts=[0.09])], "en"
    )


def test_files_can_be_taken_away(found):
    results, ids, contents = found
    with open(csv_file(contents, ["one", "two"], ids), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(NAMES)
    assert len({(row["run"], row["id"], row["seed"], row["task"]) for row in rows}) == len(rows), "told apart"
    assert {row["run"] for row in rows} == {"one", "two"}
    assert {row["seed"] for row in rows} == {"0"} or {row["seed"] for row in rows} == {"0", "1"}
    page = html_page.charts_page(["one", "two"], contents, [results.item_seconds(id) for id in ids])
    assert page.count("<script") > page.count("<h2>") > 5
    assert page.count("plotly.js v") == 1
    assert "never compare them" in page
    kept = Path(html_file(page, ["nano · 0-shot", "two"]))
    assert kept.name == "charts_nano-0-shot_two.html"
    assert kept.read_text(encoding="utf-8") == page
    assert "scores-bundled-_one_two" in page or "scores-bundled_one_two" in page, "what a chart is saved as"
    with zipfile.ZipFile(zip_file(results.result_path(ids[0]))) as archive:
        assert len(archive.namelist()) == 1 + len(NAMES)


def test_samples_are_shown_with_media_prompt_answer_and_reference(found):
    results, ids, _ = found
    pictures = results.result_samples(ids[0], "mme_bundled")
    page = cards_html(
        pictures, [], SampleFilter("mme_bundled", media=results.media_folder(ids[0], "mme_bundled")), "en"
    )
    assert page.html.count("<article") == PAGE
    assert page.html.count('src="data:image/jpeg') == PAGE
    assert page.pages == 3
    assert "&lt;picture" not in page.html
    assert "Is there a circle in this image?" in page.html
    assert cards_html(pictures, [], SampleFilter("mme_bundled", page=9), "en").page == 2
    heard = SampleFilter("librispeech_dev_clean_bundled", media=BUNDLED)
    sounds = cards_html(results.result_samples(ids[0], "librispeech_dev_clean_bundled"), [], heard, "en")
    assert sounds.html.count("<audio controls") == 3
    clips = cards_html(
        results.result_samples(ids[0], "videomme_bundled"), [], SampleFilter("videomme_bundled", media=BUNDLED), "en"
    )
    assert clips.html.count('<video controls preload="metadata" src="data:video/mp4') == 3
    assert results.result_samples(ids[0], "gsm8k_bundled") == []


def test_samples_are_filtered_and_stand_beside_another_runs(found):
    results, ids, _ = found
    here, there = (results.result_samples(id, "mme_bundled") for id in ids)
    beside = SampleFilter("mme_bundled", "differs", titles=("this one", "<that one>"))
    differing = cards_html(here, there, beside, "en")
    assert "<h5>this one" in differing.html
    assert "<h5>&lt;that one&gt;" in differing.html
    assert "<mark>" in differing.html
    assert cards_html(here, here, beside, "en").pages == 0
    assert "Compare with" in cards_html(here, [], beside, "en").html
    assert "another filter" in cards_html(here, [], SampleFilter("mme_bundled", "failed"), "en").html
    whole = cards_html(here, there, SampleFilter("mme_bundled", titles=("a", "b")), "en")
    assert whole.html.count('class="ev-pair"') == PAGE, "beside each other under every filter"


def test_a_link_names_a_sample_and_opens_its_page(found):
    results, ids, _ = found
    samples = results.result_samples(ids[0], "mme_bundled")
    runs = ("m/run_2026-01-01T00-00-00_a", "b&c")
    named = cards_html(samples, [], SampleFilter("mme_bundled", sample=13, runs=runs), "en")
    assert named.page == 13 // PAGE
    [card] = [card for card in named.html.split("<article") if "ev-named" in card]
    link = "?tab=evaluate&amp;runs=m/run_2026-01-01T00-00-00_a&amp;runs=b%26c"
    link += "&amp;board=samples&amp;task=mme_bundled&amp;sample=13"
    assert f'href="{link}" data-address' in card
    assert cards_html(samples, [], SampleFilter("mme_bundled", sample=999, page=1), "en").page == 1


def test_a_card_says_how_the_item_ended(found):
    results, ids, _ = found
    sample = results.result_samples(ids[0], "mmlu_bundled")[0]
    right = {**sample, "acc": 1.0, "unread": False, "resps": [["<b>A</b>"]]}
    assert ">right<" in card_html(right, MMLU, None, "en")
    assert "&lt;b&gt;A&lt;/b&gt;" in card_html(right, MMLU, None, "en")
    assert ">wrong<" in card_html({**right, "acc": 0.0}, MMLU, None, "en")
    assert ">0.5 of 1<" in card_html({**right, "acc": 0.5}, MMLU, None, "en")
    assert ">unreadable<" in card_html({**right, "acc": 0.0, "unread": True}, MMLU, None, "en")
    heard = {**right, "metrics": ["substitutions", "deletions", "insertions", "length"], "substitutions": 1.0,
             "deletions": 0.0, "insertions": 0.0, "length": 8.0}  # fmt: skip
    assert ">error rate 12.5 %<" in card_html(heard, MMLU, None, "en")
    assert ">错误率 12.5 %<" in card_html(heard, MMLU, None, "zh")
    assert ">4 of 5<" in card_html({**right, "metrics": ["mark"], "mark": 4.0}, MMLU, None, "en")
    failed = card_html({**right, "acc": 0.0, "error": "MediaError: gone"}, MMLU, None, "en")
    assert ">failed<" in failed
    assert "MediaError: gone" in failed


def test_media_that_are_gone_or_broken_are_a_sentence(tmp_path):
    assert "was not kept" in medium_html(None, "picture", "en")
    (tmp_path / "broken.png").write_bytes(b"nothing")
    assert medium_html(tmp_path / "broken.png", "picture", "en").startswith("<p>")
    assert medium_html(BUNDLED / "media" / "red_circle.png", "picture", "en").startswith("<img")


@pytest.mark.parametrize("path", ["../secret.png", "gone.png", "", None])
def test_no_file_outside_of_the_datas_folder_is_shown(path, tmp_path, found):
    results, ids, _ = found
    (tmp_path / "secret.png").write_bytes((BUNDLED / "media" / "red_circle.png").read_bytes())
    (tmp_path / "data").mkdir()
    sample = results.result_samples(ids[0], "mme_bundled")[0]
    here = SampleFilter("mme_bundled", media=tmp_path / "data")
    assert "was not kept" in card_html({**sample, "doc": {"image": {"path": path}}}, here, None, "en")


def test_samples_of_a_folder_find_their_media_by_the_runs_plan(tmp_path):
    (tmp_path / "data/p").mkdir(parents=True)
    (tmp_path / "data/p/a.png").write_bytes((BUNDLED / "media" / "red_circle.png").read_bytes())
    row = {"image": "p/a.png", "question": "A circle?", "answer": "Yes", "category": "x", "question_id": "1"}
    (tmp_path / "data/mme.jsonl").write_text(json.dumps(row))
    selection = Selection(tmp_path / "data")
    job = run_commands.Job(
        contestant_from_arguments("simulated", ""),
        select_tasks(["mme"]),
        selection,
        output=tmp_path / "out",
        log_samples=True,
    )
    asyncio.run(run_commands.run_job(job))
    results = RunArchive(tmp_path / "out")
    [id] = results.result_ids()
    [sample] = results.result_samples(id, "mme")
    assert sample["doc"]["image"]["path"] == "p/a.png"
    media = results.media_folder(id, "mme")
    assert 'src="data:image/jpeg' in card_html(sample, SampleFilter("mme", media=media), None, "en")
    assert results.media_folder(id, "nothing") is None


def test_progress_says_how_far_how_fast_and_what_went_wrong():
    tasks = (
        TaskView("mme_bundled", 4, 16, 1, 120.0, None, 30.0, "points", 2800.0),
        TaskView("gsm8k_bundled", 4, 4, 0, 50.0, (20.0, 80.0)),
    )
    view = RunView("nano/run_2026-11-21T23-15-02_a", "nano", "running", tasks, rate=0.5)
    html = progress_html(view, "my <run>", "why & how", "en")
    for shown in (
        "my &lt;run&gt;",
        "why &amp; how",
        "2026-11-21 23:15:02",
        "120.0 / 2800",
        "50.0 %",
        "8 of 20",
        "0.5 items/s",
        "0:24 left",
        "1 failed",
        "width:25.0%",
        "50.0",
        "20.0 … 80.0",
        "bundled",
    ):
        assert shown in html
    view = RunView("a/run_x", "m", "failed", tasks[:1], error=EngineError("No <memory>."))
    failed = progress_html(view, "m", "", "en")
    assert "No &lt;memory&gt;." in failed
    assert "Resume asks the rest" in failed
    assert "press Start" in empty_html("en")
    assert clock_time(3_661) == "1:01:01"


def test_what_a_task_needs_is_said_before_it_runs():
    real = needs_html([TASKS["videomme"], TASKS["mme"]], {"videomme": 2700, "mme": 2374}, "en")
    for shown in ("2 tasks, 5,074 items", "https://huggingface.co/datasets/lmms-lab/MME", "academic research only"):
        assert shown in real
    assert "give their folder" in real
    assert "bundled, offline" in needs_html([TASKS["mme_bundled"]], {"mme_bundled": 16}, "en")
    assert "needs a folder" in needs_html([TASKS["state_tokens"]], {}, "en")
    assert "Choose tasks" in needs_html([], {}, "en")
