"""What visitors are told goes wrong, in Chinese: every sentence that is raised toward them has its translation."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from string import Formatter

import pytest

from demos.ability.told_errors import error_for_visitor
from demos.i18n.chinese.errors_chinese import ERRORS_CHINESE, KINDS_CHINESE, UNITS_CHINESE
from demos.i18n.translation import say_in, translated_error
from demos.services import BusyError
from vita import errors
from vita.errors import CheckpointError, EngineDeadError, LimitError, MediaError, PromptTooLongError, SettingsError
from vita.media.files import Length

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / "vita/conversation.py",
    ROOT / "vita/errors.py",
    *sorted((ROOT / "vita/media").glob("*.py")),
    *(ROOT / f"vita/engine/{name}.py" for name in ("local_engine", "engine_pool", "remote_engine")),
    *sorted(set((ROOT / "demos").rglob("*.py")) - set((ROOT / "demos/evaluation").glob("*.py"))),
]
SHOWN = {name for name, _ in inspect.getmembers(errors, inspect.isclass)} | {BusyError.__name__}
SHOWN -= {SettingsError.__name__, CheckpointError.__name__}  # told in the shell and the log, not on the page
SHOWN -= {PromptTooLongError.__name__}  # takes numbers and words itself
LOGGED = {"note"}  # vita/engine/local_engine.py: what the log and the engine's status say of a failed start


def named(function: ast.expr) -> set[str]:
    """The classes that a call may be of: of ``A(...)`` and of ``(A if late else B)(...)``."""
    if isinstance(function, ast.IfExp):
        return named(function.body) | named(function.orelse)
    return {function.id} if isinstance(function, ast.Name) else set()


def raised(path: Path) -> list[tuple[str, set[str | None]]]:
    """Each template that a file raises, with the names of the values that it gives."""
    module = ast.parse(path.read_text())
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call) and node.args):
        own = ast.unparse(call.func) == "super().__init__" and call.keywords  # an error that words itself
        if not own and not named(call.func) & SHOWN:
            continue
        sentence = call.args[0]
        if isinstance(sentence, ast.Name):
            sentence = constants.get(sentence.id, sentence)
        if ast.unparse(sentence) not in LOGGED:
            assert isinstance(sentence, ast.Constant), f"{path}:{call.lineno}: raise a template and its values"
            found.append((sentence.value, {keyword.arg for keyword in call.keywords}))
    return found


def placeholders(template: str) -> set[tuple[str, str]]:
    """The names in braces, each with how its value is written."""
    return {(name, spec) for _, name, spec, _ in Formatter().parse(template) if name}


RAISED = {template: values for path in FILES for template, values in raised(path)}


def test_the_search_finds_what_is_raised():
    assert len(RAISED) > 35
    assert RAISED["{name} is not ready. {note}"] == {"name", "note"}


@pytest.mark.parametrize("template", RAISED)
def test_every_sentence_raised_toward_a_visitor_has_its_chinese_and_its_values(template):
    assert template in ERRORS_CHINESE
    assert {name for name, _ in placeholders(template)} == RAISED[template]


@pytest.mark.parametrize("template", ERRORS_CHINESE)
def test_every_translation_is_chinese_says_the_same_values_and_is_used(template):
    assert template in RAISED
    assert placeholders(ERRORS_CHINESE[template]) == placeholders(template)
    assert any("\u4e00" <= character <= "\u9fff" for character in ERRORS_CHINESE[template])


def test_values_are_translated_too():
    error = LimitError(
        "The {kind} is {length} long and at most {most} are allowed; cut out the part that matters and send that.",
        kind="sound",
        length=Length(1201),
        most=Length(60),
    )
    assert translated_error(error, "en").startswith("The sound is 20 min 1 s long and at most 1 min 0 s are allowed;")
    assert translated_error(error, "zh") == "音频长 20 分钟 1 秒，最多允许 1 分钟 0 秒；请截取需要的部分再发送。"
    assert set(KINDS_CHINESE) >= {"image", "video", "sound"}
    assert set(UNITS_CHINESE) == {unit for seconds in (1, 100, 10_000) for _, unit in Length(seconds).parts()}


def test_a_file_is_called_by_its_own_name_even_where_that_is_a_word_of_ours():
    error = MediaError(
        next(template for template in ERRORS_CHINESE if template.startswith("{name} does not serve")),
        name="image",
        model="m",
    )
    assert translated_error(error, "zh").startswith("image 不提供")


def test_a_sentence_without_translation_is_said_as_it_is():
    assert (
        translated_error(MediaError("Braces {like these} are no values."), "zh") == "Braces {like these} are no values."
    )


def test_an_engines_failure_is_told_in_one_language():
    error = EngineDeadError("{name} stopped while it worked; it is being restarted.", name="engine-1")
    assert error_for_visitor(error, "en") == (
        "The engine failed (engine-1 stopped while it worked; it is being restarted); ask again in a moment."
    )
    assert error_for_visitor(error, "zh") == "引擎出错（engine-1 在工作时停止了，正在重新启动）；请稍后重试。"


def test_a_prompt_too_long_says_by_how_much_in_chinese_too():
    assert error_for_visitor(PromptTooLongError(5000, 4096), "zh").startswith("对话超长 904 个词元（5000，最多 4096）")


def test_sentences_do_not_speak_of_a_box_where_there_may_be_none():
    assert "box" not in say_in("error.engine", "en", reason="") + say_in("error.inside", "en")
