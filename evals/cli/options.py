"""The command line: lm-eval's flags with lm-eval's meanings, and a few of our own."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.contestants import parse_args
from evals.conversation.recorded_full_duplex import KINDS
from vita.errors import SettingsError

# flags of lm-eval that change nothing here, with the number of values that they take
_WITHOUT_EFFECT = {
    "--max_batch_size": "?", "--device": "?", "--use_cache": "?", "-c": "?", "--cache_requests": "?",
    "--apply_chat_template": "?", "--fewshot_as_multiturn": "?", "--trust_remote_code": 0,
    "--confirm_run_unsafe_code": 0, "--include_path": "?", "--wandb_args": "?", "--hf_hub_log_args": "?",
    "--verbosity": "?", "-v": "?", "--metadata": "?",
}  # fmt: skip
TALK_PARTS = (
    "questions",
    "interruptions",
    "disturbances",
    "warmth",
    "crowds",
    "watch",
)  # of ``evals.conversation.talk_benchmark``


class Parser(argparse.ArgumentParser):
    """Raises SettingsError where argparse would print its usage and exit."""

    def error(self, message: str) -> Any:
        """Raise what argparse found wrong."""
        raise SettingsError(f"{message[:1].upper()}{message[1:]}; --help lists the flags.")


def parse_command_line(argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line; one that begins with a flag is a ``run``, as in lm-eval's legacy form.

    Raises:
        SettingsError: what cannot be right. SystemExit only for --help.
    """
    words = list(argv)
    if words and words[0].startswith("-") and words[0] not in ("-h", "--help"):
        words.insert(0, "run")
    parser = Parser(prog="python -m evals", description="Run benchmarks and compare their results.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    _add_run(commands.add_parser("run", help="run tasks against a model"))
    listing = commands.add_parser("ls", help="list tasks, or groups of them")
    listing.add_argument("what", nargs="?", choices=("tasks", "groups", "bundled"), default="tasks")
    report = commands.add_parser("report", help="show the newest results below a folder, or those of a file")
    report.add_argument("path", type=Path)
    report.add_argument("--html", type=Path, help="write the charts into this file, too")
    compare = commands.add_parser("compare", help="two runs side by side")
    compare.add_argument("paths", type=Path, nargs=2)
    rescore = commands.add_parser("rescore", help="score a run's answers again by other scorers")
    rescore.add_argument("run", type=Path, help="a folder run_… below the output path")
    rescore.add_argument("--scorer", default="all")
    duplex = commands.add_parser("duplex", help="score recordings of Full-Duplex-Bench that others made")
    duplex.add_argument("kind", choices=tuple(KINDS))
    duplex.add_argument("folder", type=Path, help="one folder an item, with output.json")
    duplex.add_argument("--people", type=Path, help="the bench's icc_gt_distribution.json, for backchannel")
    perf = commands.add_parser("perf", help="measure throughput, scaling, and how soon the page can be used")
    perf.add_argument("--model", default="nano")
    perf.add_argument("--items", type=int, default=32, help="items in flight in each round")
    perf.add_argument("--only", choices=("throughput", "ray", "page"), help="one of them")
    perf.add_argument("--output", type=Path, help="write the figures into this JSON file")
    talk = commands.add_parser(
        "talk", help="measure conversations: two engines, a live server, real sound; 55 minutes, 9 with --size 6"
    )
    talk.add_argument("--size", type=int, default=60, help="sounds of each kind")
    talk.add_argument("--conversations", type=int, default=8, help="conversations at once that are tried at most")
    talk.add_argument("--only", nargs="+", choices=TALK_PARTS, default=TALK_PARTS, help="some of the parts")
    talk.add_argument(
        "--pictures", type=Path, help="folder of photos with a labels.csv for watch, not our own pictures"
    )
    talk.add_argument("--output", type=Path, help="write the figures into this JSON file, or go on with it")
    talk.add_argument("--keep", type=Path, help="folder for what was played and what came back")
    found = parser.parse_args(words)
    return _check_options(found) if found.command == "run" else found


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--model",
        "-M",
        default="nano",
        help='checkpoint ("nano", folder, Hub name), server address (ws://… for conversations), or lm-eval\'s kind',
    )
    add("--model_args", "-a", default="", help="name=value,…: settings of an engine here, or base_url, model, api_key")
    add("--tasks", "-t", nargs="+", default=[], help="names or groups, by commas or spaces; 'list' lists them")
    add("--num_fewshot", "-f", type=int, help="examples before each question; default: the task's own")
    add("--batch_size", "-b", default="auto", help="items in flight; auto: 32")
    add("--limit", "-L", type=float, help="items of each task; below 1 a share of them; only for testing")
    add("--samples", "-E", help='JSON, or a file of it: {"task": [indices]}')
    add("--output_path", "-o", type=Path, help="folder for results; without it nothing is kept")
    add("--log_samples", "-s", action="store_true", help="write each item's prompt, answer and score")
    add("--predict_only", "-x", action="store_true", help="ask, but do not score")
    add("--gen_kwargs", default="", help="temperature=…,top_p=…,max_gen_toks=…")
    add("--system_instruction", help="in place of the checkpoint's own system prompt")
    add("--seed", default="0,1234,1234,1234", help="lm-eval's four; the first seeds the engine")
    add("--write_out", "-w", action="store_true", help="show the first prompt of each task")
    add("--show_config", action="store_true", help="show each task's configuration")
    add("--scorer", action="append", default=[], help="NAME, TASK=NAME or all; where peers differ, choose")
    add("--data", type=Path, help="folder with the data in place of the Hub")
    add("--fresh", action="store_true", help="begin anew though there is an unfinished run of the same plan")
    add("--judge", default="", help="model arguments of a server that judges open answers: base_url=…,model=…")
    add(
        "--mode",
        choices=("generate", "letters"),
        default="generate",
        help="letters: MMLU, C-Eval and AGIEval's single choices are answered by the likeliest letter, one token",
    )
    add("--executor", choices=("local", "ray"), default="local", help="ray: one engine a worker")
    add("--workers", type=int, default=2, help="with --executor ray")
    for flag, count in _WITHOUT_EFFECT.items():
        options: dict[str, Any] = {"action": "store_true"} if count == 0 else {"nargs": count, "const": ""}
        add(flag, dest="without_effect_" + flag.strip("-"), help=argparse.SUPPRESS, default=None, **options)


def _check_options(found: argparse.Namespace) -> argparse.Namespace:
    found.tasks = [name for names in found.tasks for name in names.split(",") if name]
    if not found.tasks:
        raise SettingsError("Give --tasks, such as --tasks mme,ocrbench or --tasks bundled; `ls` lists them.")
    if found.log_samples and found.output_path is None:
        raise SettingsError("--log_samples needs --output_path.")
    if found.samples and found.limit is not None:
        raise SettingsError("--samples and --limit exclude each other.")
    found.samples = _sample_selection(found.samples)
    found.gen_kwargs = parse_args(found.gen_kwargs)
    found.seeds = _seed_list(found.seed)
    found.concurrency = 32 if str(found.batch_size).startswith("auto") else _positive_number(found.batch_size)
    found.scorers = _scorers_by_task(found.scorer)
    return found


def _positive_number(text: str) -> int:
    if not str(text).isdigit() or int(text) < 1:
        raise SettingsError(f"--batch_size is a number of at least 1 or auto, not {text}.")
    return int(text)


def _sample_selection(text: str | None) -> dict[str, tuple[int, ...]]:
    if not text:
        return {}
    try:
        given = json.loads(Path(text).read_text(encoding="utf-8") if Path(text).is_file() else text)
        return {task: tuple(map(int, indices)) for task, indices in given.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise SettingsError(f'--samples is JSON like {{"mme": [0, 1]}}: {error}') from error


def _seed_list(text: str) -> tuple[int | None, ...]:
    """Four seeds as lm-eval's: one for all, or python, numpy, torch, few-shot; "None" leaves one unset."""
    try:
        seeds = tuple(None if word.strip() == "None" else int(word) for word in text.split(","))
    except ValueError as error:
        raise SettingsError(f"--seed is one whole number or four, not {text}.") from error
    if len(seeds) not in (1, 4):
        raise SettingsError(f"--seed is one whole number or four, not {text}.")
    return seeds * 4 if len(seeds) == 1 else seeds


def _scorers_by_task(names: Sequence[str]) -> dict[str, str] | str:
    """By task, or one name for all."""
    by_task = dict(name.split("=", 1) for name in names if "=" in name)
    rest = [name for name in names if "=" not in name]
    if by_task and rest:
        raise SettingsError("Give --scorer either as one NAME or as TASK=NAME for each task.")
    return by_task or (rest[-1] if rest else "")


def without_effect(found: argparse.Namespace) -> list[str]:
    """Flags that were given and change nothing here."""
    return [
        f"--{name.removeprefix('without_effect_')}"
        for name, value in vars(found).items()
        if name.startswith("without_effect_") and value is not None
    ]
