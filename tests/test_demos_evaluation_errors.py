"""What the tab Evaluate refuses is said in both languages."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from string import Formatter

import pytest

from demos.evaluation.run_plan import RunForm
from demos.i18n.chinese.errors_chinese import ERRORS_CHINESE
from demos.i18n.chinese.evaluation_errors_chinese import EVALUATION_ERRORS_CHINESE
from demos.i18n.translation import translated_error
from vita import errors
from vita.errors import InputError

ROOT = Path(__file__).parents[1]
EVALS = (  # what a run of the tab can end by
    "conversation/live_recorder",
    "report/sample_tables",
    "run_journal",
    "run_labels",
    "run_lock",
    "task_data",
    "task_rows",
)
FILES = (*sorted((ROOT / "demos/evaluation").glob("*.py")), *(ROOT / f"evals/{name}.py" for name in EVALS))
ERRORS = {name for name, _ in inspect.getmembers(errors, inspect.isclass)}


def raised() -> set[str]:
    """The first sentence of every error in the tab's files, those of the engines left out."""
    calls = (
        node for path in FILES for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    )
    sentences = [call.args[0] for call in calls if getattr(call.func, "id", "") in ERRORS]
    assert all(isinstance(one, ast.Constant) for one in sentences), "raise a template and its values"
    return {one.value for one in sentences} - set(ERRORS_CHINESE)


def test_every_refusal_has_its_chinese_and_every_translation_is_used():
    assert raised() == set(EVALUATION_ERRORS_CHINESE)
    assert not set(EVALUATION_ERRORS_CHINESE) & set(ERRORS_CHINESE)


@pytest.mark.parametrize("template", EVALUATION_ERRORS_CHINESE)
def test_translations_are_chinese_and_name_the_same_values(template):
    def names(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert names(EVALUATION_ERRORS_CHINESE[template]) == names(template)
    assert any("\u4e00" <= character <= "\u9fff" for character in EVALUATION_ERRORS_CHINESE[template])


def test_a_refusal_is_told_in_the_visitors_language():
    with pytest.raises(InputError) as caught:
        RunForm(("chess",)).selected_tasks()
    assert translated_error(caught.value, "en") == "There is no task chess_bundled; choose from the list."
    assert translated_error(caught.value, "zh") == "没有任务 chess_bundled，请从列表中选择。"
