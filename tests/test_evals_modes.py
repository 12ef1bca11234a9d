"""Letters instead of text: single choices are answered by the likeliest letter, everything else as always."""

from __future__ import annotations

import pytest

from evals import __main__, result_files
from evals.cli import options, run_commands
from evals.contestants import contestant_from_arguments
from evals.item_runner import AskingOptions, ask_item
from evals.task_data import Selection, selected_examples
from evals.task_rows import PART
from evals.tasks import PUBLIC, TASKS, agieval, select_tasks
from tests.fakes import Answer, FakeEngine
from vita.engine.engine_protocol import Sampling
from vita.errors import SettingsError

LETTERS = AskingOptions(mode="letters")


@pytest.mark.parametrize("name", ["mmlu", "ceval", "agieval"])
def test_single_choices_are_one_token_out_of_their_letters(name):
    task = TASKS[f"{name}_bundled"]
    row = next(selected_examples(task, Selection())).row
    sampling = LETTERS.sampling_for(task, row)
    assert sampling.choices == ("A", "B", "C", "D")
    assert (sampling.max_tokens, sampling.states, sampling.temperature) == (1, (), 0.0)
    assert task.target(row) in sampling.choices


@pytest.mark.parametrize(
    ("part", "count", "letters"),
    [
        ("sat-math", 4, "ABCD"), ("aqua-rat", 5, "ABCDE"), ("logiqa-zh", 4, "ABCD"), ("jec-qa-kd", 4, ""),
        ("gaokao-physics", 4, ""), ("math", 0, ""), ("gaokao-mathcloze", 0, ""),
    ],
)  # fmt: skip
def test_agieval_has_letters_where_one_option_is_right(part, count, letters):
    assert agieval.agieval_choices({PART: part, "choices": ["x"] * count}) == tuple(letters)


def test_other_tasks_and_the_other_mode_ask_as_always():
    row = {"question": "?", "answer": 0, PART: "sat-math", "choices": ["a"] * 4}
    for task in PUBLIC.values():
        assert AskingOptions().sampling_for(task, row).choices == ()
        assert AskingOptions().sampling_for(task, row) == AskingOptions().sampling_for(task)
        if task.letters is None:
            assert LETTERS.sampling_for(task, row) == AskingOptions().sampling_for(task, row)
    assert {task.name for task in PUBLIC.values() if task.letters} == {"mmlu", "ceval", "agieval"}


async def test_an_item_is_asked_for_its_letter_and_scored_by_it():
    task = TASKS["mmlu_bundled"]
    engine = FakeEngine(lambda request: Answer(request.sampling.choices[1], state=None))
    example = next(selected_examples(task, Selection()))
    record = await ask_item(engine, task, example, LETTERS)
    assert engine.requests[0].sampling == Sampling(max_tokens=1, seed=0, repetition_penalty=1.0, states=(),
                                                   choices=("A", "B", "C", "D"))  # fmt: skip
    assert (record.answer, record.state, record.error) == ("B", None, "")


async def test_results_tell_the_mode_and_plans_of_two_modes_differ(tmp_path):
    jobs = [
        run_commands.Job(
            contestant_from_arguments("simulated", ""), select_tasks(["mmlu_bundled"]), asking=asking, output=tmp_path
        )
        for asking in (AskingOptions(), LETTERS)
    ]
    assert jobs[0].run_plan() != jobs[1].run_plan()
    outcome = await run_commands.run_job(jobs[1])
    assert result_files.read_results(outcome.path)["config"]["mode"] == "letters"


def test_the_flag_reaches_the_job_and_servers_are_refused(capsys):
    found = options.parse_command_line(["run", "--model", "simulated", "--tasks", "mmlu", "--mode", "letters"])
    assert run_commands.job_of(found).asking.mode == "letters"
    assert options.parse_command_line(["--tasks", "mmlu"]).mode == "generate"
    with pytest.raises(SettingsError, match="Argument --mode"):
        options.parse_command_line(["--tasks", "mmlu", "--mode", "numbers"])
    words = ["run", "--model", "http://x/v1", "--tasks", "mmlu", "--mode", "letters"]
    assert __main__.main(words) == 1
    assert "needs an engine here" in capsys.readouterr().err
