"""``python -m recipes.nano evaluate`` says how good VITA-Nano is, ``speed`` how fast beside the plain model."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from vita.errors import VitaError
from vita.nano.build_checkpoint import build_nano

ABILITIES = ("hears", "people", "answers", "states", "sees", "talks")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 where it cannot be done, with the reason in one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m recipes.nano", description="Measures the embedded checkpoint, VITA-Nano."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    judge = commands.add_parser("evaluate", help="print a table of how well the checkpoint does")
    judge.add_argument("--people", type=Path, help="a folder of recordings of people with a transcripts.csv")
    judge.add_argument("--size", type=int, default=16, help="items for each figure; 500 is all there are")
    judge.add_argument("--only", nargs="+", default=ABILITIES, choices=ABILITIES, help="by default all, in this order")
    judge.add_argument("--output", type=Path, help="a JSON file for the figures; a journal beside it lets a run go on")
    racer = commands.add_parser("speed", help="print a table of how fast and how large it is beside the plain model")
    racer.add_argument("--dtypes", nargs="+", help="float32 and bfloat16 by default")
    racer.add_argument("--output", type=Path, help="a JSON file for the rows")
    options = parser.parse_args(arguments)
    try:
        if options.command == "speed":
            _print_speed(options)
        else:
            _print_evaluation(options)
    except VitaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print_evaluation(options: argparse.Namespace) -> None:
    from recipes.nano.evaluate import evaluate_abilities  # needs espeak-ng and loads the model, which building does not

    journal = options.output.with_suffix(".journal") if options.output else None
    figures = {}
    for name, value, items in evaluate_abilities(build_nano(), options.size, options.people, options.only, journal):
        print(f"{name:<24}{value:7.1%}  of {items}", flush=True)
        figures[name] = value
    if options.output:
        options.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _print_speed(options: argparse.Namespace) -> None:
    from recipes.nano.speed import DTYPES, FIELDS, markdown_row, measure_speed  # brings vLLM

    print(f"{markdown_row(FIELDS)}\n{markdown_row(['---'] * len(FIELDS))}", flush=True)
    rows = []
    for row in measure_speed(options.dtypes or DTYPES):
        print(markdown_row(row.values()), flush=True)
        rows.append(row)
    if options.output:
        options.output.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
