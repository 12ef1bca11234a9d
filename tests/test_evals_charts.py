"""Charts by the values they show, and published numbers by their sources."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import fields

import pytest

from demos.evaluation.results_tables import results_table
from demos.i18n.chinese.chart_chinese import CHART_CHINESE
from demos.i18n.english.chart_english import CHART_ENGLISH
from evals import result_files
from evals.cli import run_commands
from evals.contestants import contestant_from_arguments
from evals.report import chart_files, charts, figures, html_page, text_tables
from evals.report.chart_words import ENGLISH
from evals.report.charts import Bar
from evals.report.comparable import full_marks, published_beside
from evals.report.published_numbers import ALL, Published, published_rows
from evals.tasks import LIVE, PUBLIC, TASKS, select_tasks

RUNS = {"nano": [Bar("mme", "MME", 1000.0, None, "image", 2800.0), Bar("mmlu", "MMLU", 40.0, (35.0, 46.0), "language")]}


def test_bars_have_intervals_and_published_numbers_their_source():
    numbers = [Published("mmlu", "VITA", 70.98, "figure 1", "by hand"), Published("gsm8k", "VITA", 75.0, "figure 1")]
    figure = charts.grouped_bars(RUNS, numbers)
    ours, theirs = figure.data
    assert list(ours.y) == [1000.0, 40.0]
    assert list(ours.error_y.array) == [0.0, 6.0]
    assert list(ours.error_y.arrayminus) == [0.0, 5.0]
    assert (theirs.name, list(theirs.x), list(theirs.y)) == ("VITA", ["MMLU"], [70.98])
    assert list(theirs.customdata[0]) == ["figure 1", "<br>by hand"]
    assert "customdata[0]" in theirs.hovertemplate
    assert figure.layout.barmode == "group"


def test_nothing_published_stands_beside_a_bundled_task():
    bundled = {"nano": [Bar("mmlu_bundled", "MMLU", 40.0, bundled=True), Bar("mme", "MME", 9.0, bundled=True)]}
    figure = charts.grouped_bars(
        bundled, [Published("mme", "VITA", 2097.0, "x"), Published("mmlu", "VITA", 70.98, "x")]
    )
    assert len(figure.data) == 1
    assert list(figure.data[0].x) == ["MMLU (bundled)", "MME (bundled)"]


def test_the_same_model_from_two_sources_is_two_bars():
    numbers = [Published("mmlu", "GPT-4o", 69.9, "one"), Published("mmlu", "GPT-4o", 69.2, "two")]
    assert [bar.y[0] for bar in charts.grouped_bars(RUNS, numbers).data[1:]] == [69.9, 69.2]


def test_the_radar_turns_error_rates_round_and_scales_points():
    bars = [*RUNS["nano"], Bar("ls", "LibriSpeech", 20.0, None, "speech", lower_is_better=True),
            Bar("ws", "WenetSpeech", 140.0, None, "speech", lower_is_better=True)]  # fmt: skip
    shares = charts.ability_shares(bars)
    assert shares == {"image": pytest.approx(1000 / 28), "language": 40.0, "speech": 40.0}
    figure = charts.radar_chart({"nano": bars})
    assert list(figure.data[0].theta) == ["language", "speech", "image", "language"], "in the order of all radars"
    assert figure.data[0].r[0] == figure.data[0].r[-1]
    assert figure.layout.polar.radialaxis.range == (0, 100)
    assert charts.radar_chart({}).data == ()


def test_the_radar_compares_common_tasks_and_leaves_gaps():
    heard = Bar("ls", "LibriSpeech", 20.0, None, "speech", lower_is_better=True)
    alone = Bar("gsm8k", "GSM8K", 90.0, None, "language")
    runs = {"one": [*RUNS["nano"], alone, heard], "two": [*RUNS["nano"]], "three": [alone]}
    shares = charts.common_shares({"one": runs["one"], "two": runs["two"]})
    assert shares["one"]["language"] == shares["two"]["language"] == 40.0, "GSM8K was asked of one run only"
    assert (shares["one"]["speech"], shares["two"]["speech"]) == (80.0, None)
    one, two = charts.radar_chart({"one": runs["one"], "two": runs["two"]}).data
    assert (one.fill, two.fill, two.connectgaps) == ("toself", "none", False)
    assert list(two.r) == [40.0, None, pytest.approx(1000 / 28), 40.0]
    assert charts.common_shares(runs)["one"]["language"] is None, "no task that all three have"


def test_charts_are_described_and_saved_under_names_that_tell_them_apart():
    figure = figures.score_figure(["nano · 0-shot"], [content(("mmlu", "acc", 40.0))], False)
    described = chart_files.described_chart(figure, "Scores")
    assert described.layout.meta["description"].startswith("Scores. nano · 0-shot: MMLU 40.0 %. ")
    assert "VITA: MMLU 71.0 %" in described.layout.meta["description"]
    assert chart_files.chart_filename("Scores", ["nano · 0-shot", "模型/x"]) == "scores_nano-0-shot_模型-x"
    drawn = json.loads(chart_files.chart_json(figure, "scores_nano"))
    assert drawn["config"]["toImageButtonOptions"]["filename"] == "scores_nano"
    assert drawn["layout"]["showlegend"], "a saved picture says whose numbers it shows"
    radar = charts.radar_chart({"two": [Bar("mmlu", "MMLU", 40.0, None, "language")], "three": RUNS["nano"]})
    assert "two: language 40.0, image not measured" in chart_files.chart_description(radar)
    waits = charts.latency_chart({"nano": [1.0, 2.0, 3.0]})
    assert "nano: median 2.00 s, nano: 95th percentile 2.90 s" in chart_files.chart_description(waits)
    states = charts.confusion_chart({"confusion/noise/noise": 3.0})
    assert "noise taken for: audio_query 0, noise 3" in chart_files.chart_description(states)


def test_every_word_on_a_chart_is_translated():
    for field in fields(ENGLISH):
        assert getattr(CHART_CHINESE, field.name) != getattr(ENGLISH, field.name), field.name
    assert CHART_CHINESE.abilities.keys() == CHART_ENGLISH.abilities.keys()
    assert CHART_CHINESE.states_said.keys() == CHART_ENGLISH.states_said.keys()
    figure = figures.score_figure(["甲"], [content(("mme_bundled", "mme_score", 9.0))], True, "points", CHART_CHINESE)
    assert figure.layout.title.text == CHART_CHINESE.bundled
    assert list(figure.data[0].y) == ["MME"]


def test_a_long_interval_is_not_hidden_behind_the_charts_edge():
    wide = content(("librispeech_dev_clean", "wer", 90.0))
    wide["headlines"]["librispeech_dev_clean"]["interval"] = (80.0, 120.0)
    assert figures.score_figure(["m"], [wide], False).layout.xaxis.range[1] > 120
    wide["headlines"]["librispeech_dev_clean"]["interval"] = (80.0, 400.0)
    figure = figures.score_figure(["m"], [wide], False)
    assert figure.layout.xaxis.range[1] < 140
    assert figure.data[0].text == ("… 400 % →",)


def test_sub_scores_are_ordered_with_the_greatest_on_top():
    figure = charts.sub_scores("MME", {"count": 100.0, "OCR": 200.0, "color": 50.0})
    assert list(figure.data[0].y) == ["color", "count", "OCR"]
    assert list(figure.data[0].x) == [50.0, 100.0, 200.0]


def test_the_confusion_matrix_shows_counts_and_shades_by_row():
    figure = charts.confusion_chart({"confusion/noise/audio_query": 1.0, "confusion/noise/noise": 3.0})
    table = figure.data[0]
    assert [list(row) for row in table.text] == [[0, 0, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]]
    assert list(table.z[1]) == [0.25, 0.75, 0.0, 0.0]
    assert list(table.x)[-1] == "no token"


def test_latencies_have_lines_at_the_median_and_the_95th_percentile():
    figure = charts.latency_chart({"nano": [1.0, 2.0, 3.0], "none": []})
    assert list(figure.data[0].x) == [1.0, 2.0, 3.0]
    assert [shape.x0 for shape in figure.layout.shapes] == [2.0, pytest.approx(2.9)]


def test_every_published_number_has_a_source_and_a_task_that_exists():
    apart = {"voicebench_overall", "full_duplex_turn_taking_latency", "full_duplex_interruption_latency"}
    assert {number.task for number in ALL} - apart <= set(PUBLIC) | set(LIVE)
    assert all(number.source and number.value >= 0 for number in ALL)
    keys = [(number.task, number.model, number.source) for number in ALL]
    assert len(keys) == len(set(keys))
    assert published_rows("mme_bundled") == ()


@pytest.mark.parametrize(
    ("task", "model", "value"),
    [
        ("ceval", "VITA", 56.68), ("gsm8k", "Mixtral-8x7B-Instruct", 63.99),
        ("wenetspeech_test_meeting", "VITA", 16.53),
        ("hallusionbench", "VITA", 39.7), ("videomme", "VITA-1.5", 56.1), ("mmbench_en", "MiniCPM-o 2.6", 80.5),
        ("ai2d", "Qwen2.5-Omni-7B", 83.2), ("librispeech_test_other", "Qwen3-Omni-30B-A3B-Instruct", 2.48),
        ("voicebench_overall", "VITA", 36.43), ("ocrbench", "Gemini 1.5 Pro", 754.0),
    ],
)  # fmt: skip
def test_published_numbers_are_those_of_their_sources(task, model, value):
    assert value in [number.value for number in published_rows(task) if number.model == model]


def test_numbers_that_compare_badly_say_why():
    notes = {(number.task, number.model): number.note for number in ALL if number.note}
    assert notes["mmbench_en", "VITA-1.5"] == "MMBench V1.1 test"
    assert notes["mme", "MiniCPM-o 2.6"] == "chain-of-thought prompts"
    assert notes["librispeech_test_clean", "Gemini 1.5 Pro"] == "own re-run by the source"
    assert "legend" in notes["ai2d", "GPT-4o"]


def test_bundled_and_real_bars_never_share_a_chart():
    mixed = {"one": [Bar("mme", "MME", 1000.0)], "two": [Bar("mme_bundled", "MME", 9.0, bundled=True)]}
    with pytest.raises(AssertionError, match="in one chart"):
        charts.grouped_bars(mixed)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> run_commands.Outcome:
    names = ["mme_bundled", "mmlu_bundled", "librispeech_dev_clean_bundled", "state_tokens_bundled"]
    folder = tmp_path_factory.mktemp("results")
    return asyncio.run(
        run_commands.run_job(
            run_commands.Job(
                contestant_from_arguments("simulated", ""), select_tasks(names), output=folder, log_samples=True
            )
        )
    )


def test_a_whole_run_becomes_charts_and_one_page(outcome, tmp_path):
    content = outcome.content
    found = html_page.charts_by_title(["one", "two"], [content, content], [[1.0], [2.0]])
    assert list(found)[:3] == ["Scores (bundled)", "Points (bundled)", "Abilities (bundled)"]
    assert sum(map(sum, found["State tokens, one"].data[0].text)) == 9
    assert {trace.name for trace in found["Abilities (bundled)"].data} == {"one", "two"}
    assert set(figures.sub_scores(content, "mme_bundled")) >= {"count", "OCR"}
    assert all(bar.bundled for bar in figures.headline_bars(content))
    html_page.write_html(tmp_path / "deep/charts.html", outcome.path)
    text = (tmp_path / "deep/charts.html").read_text("utf-8")
    assert "never compare" in text
    assert text.count("<h2>") == 1 + len(html_page.charts_by_title(["one"], [content], [[1.0]]))
    assert text.count("plotly.js v") == 1


def test_the_page_of_a_run_over_both_kinds_draws_them_apart(outcome, tmp_path):
    both = dict(outcome.content)
    for key in ("results", "n-samples", "higher_is_better", "failures", "headlines", "bundled", "units"):
        both[key] = dict(both[key]) | {"mmlu": both[key]["mmlu_bundled"]}
    both["bundled"]["mmlu"] = False
    both["headlines"]["mmlu"] = both["headlines"]["mmlu"] | {"title": "MMLU"}
    path = tmp_path / "results_2026-01-01T00-00-00.json"
    path.write_text(json.dumps(both))
    found = html_page.charts_by_title(["run"], [result_files.read_results(path)], [[]])
    assert list(found["Scores"].data[0].y) == ["MMLU"]
    assert len(found["Scores"].data) > 1, "published numbers stand beside the real one"
    assert len(found["Scores (bundled)"].data) == 1
    html_page.write_html(tmp_path / "charts.html", path)
    assert "<h2>Scores (bundled)</h2>" in (tmp_path / "charts.html").read_text("utf-8")


def content(*headlines: tuple[str, str, float], asked: int | None = None, scorer: str = "rules"):
    """A results file with these tasks, metrics and values.

    Args:
        asked: items of each task; None for all.
    """
    found = {name: (metric, value, TASKS[name]) for name, metric, value in headlines}
    return {
        "model_name": "m",
        "headlines": {
            name: {"metric": metric, "scorer": scorer, "value": value, "stderr": None, "interval": None,
                   "title": task.title, "ability": task.ability}
            for name, (metric, value, task) in found.items()
        },
        "results": {
            name: {f"{metric},{scorer}": value, f"{metric}/count,{scorer}": value, f"{metric}/OCR,{scorer}": value}
            for name, (metric, value, _) in found.items()
        },
        "bundled": {name: task.bundled for name, (_, _, task) in found.items()},
        "units": {name: {} for name in found},
        "higher_is_better": {name: {} for name in found},
        "failures": dict.fromkeys(found, 0),
        "n-samples": {
            name: {"original": task.source.size, "effective": asked or task.source.size}
            for name, (_, _, task) in found.items()
        },
    }  # fmt: skip


OPEN = "voicebench_commoneval"
OTHERS = ("image", "language", "speech")  # abilities of the tasks that stand beside the one in question
BESIDE = (("mmstar", "acc", 50.0), ("mmlu", "acc", 40.0), ("librispeech_dev_clean", "wer", 5.0))


def shown_beside(*contents) -> set[str]:
    """Whose numbers stand in the charts and in the tables beside the runs."""
    names = [f"run {number}" for number in range(len(contents))]
    drawn = {
        trace.name
        for kind in figures.KINDS
        if (figure := figures.score_figure(names, contents, False, kind))
        for trace in figure.data
    } - set(names)
    of_vita = re.findall("<td>([^<]*)</td>", results_table(names, contents, False, "en"))[-2:]
    texts = [text_tables.of_results(one) for one in contents]
    assert any(of_vita) == any("| published" in text for text in texts) == bool(drawn)
    return drawn


def test_what_was_published_stands_beside_the_tasks_own_number_only():
    assert "VITA-1.5" in shown_beside(content((OPEN, "mark", 4.1), scorer="judge"))
    assert shown_beside(content((OPEN, "answered", 100.0))) == set()
    assert shown_beside(content((OPEN, "bypass", 999.0), scorer="none")) == set()


def test_two_runs_that_measured_different_things_have_nothing_published_between_them():
    judged, alone = content((OPEN, "mark", 4.1), scorer="judge"), content((OPEN, "answered", 95.0))
    assert published_beside(OPEN, [judged])
    assert published_beside(OPEN, [judged, alone]) == ()
    assert {number.model for number in published_beside("mmlu", [content(("mmlu", "acc", 40.0), asked=5)])} >= {"VITA"}


@pytest.mark.parametrize(("task", "metric"), [("ocrbench", "ocrbench_score"), ("mme", "mme_score")])
def test_points_of_a_part_of_the_items_stand_alone(task, metric):
    assert "VITA" in shown_beside(content((task, metric, 50.0)))
    part = content((task, metric, 50.0), asked=50)
    assert shown_beside(part) == set()
    part["n-samples"][task]["original"] = 50
    assert shown_beside(part) == set(), "a folder with less than the benchmark"


def test_full_marks_follow_the_items_that_were_asked():
    assert full_marks("ocrbench", content(("ocrbench", "ocrbench_score", 50.0))) == 1000.0
    assert full_marks("ocrbench", content(("ocrbench", "ocrbench_score", 50.0), asked=50)) == 50.0
    assert full_marks("mme", content(("mme", "mme_score", 50.0))) == 400.0, "of two categories"
    assert full_marks(OPEN, content((OPEN, "mark", 4.0))) == 5.0
    assert full_marks("mmlu", content(("mmlu", "acc", 4.0))) == 100.0


def test_the_radar_shows_only_numbers_that_are_the_tasks_own():
    def radar(*headlines, **options):
        return figures.ability_radar(["run"], [content(*headlines, *BESIDE, **options)], False)

    assert set(radar().data[0].theta) == set(OTHERS)
    assert set(radar((OPEN, "answered", 100.0)).data[0].theta) == set(OTHERS)
    assert set(radar((OPEN, "mark", 4.0)).data[0].theta) == {*OTHERS, "voice"}
    limited = radar(("ocrbench", "ocrbench_score", 50.0), asked=50).data[0]
    assert limited.r[list(limited.theta).index("image")] == 75.0, "all of OCRBench and half of MMStar"


def test_answers_that_were_not_scored_are_in_no_chart():
    unscored = [(name, "bypass", 999.0) for name in ("mmstar", "mmlu", "librispeech_dev_clean", "state_tokens")]
    found = content(*unscored, scorer="none")
    assert figures.headline_bars(found) == []
    assert html_page.charts_by_title(["run"], [found], [[]]).keys() <= {
        f"{TASKS[name].title}: parts, run" for name, _, _ in unscored
    }, "the fixture gives every task parts"
    assert figures.confusion_figure(found) is None
