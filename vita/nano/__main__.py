"""``python -m vita.nano build`` writes the embedded checkpoint, VITA-Nano; ``recipes.nano`` trains and measures it."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

from vita.errors import VitaError
from vita.nano.build_checkpoint import build_nano

RECIPES = "recipes.nano"  # commands that the server never needs; started by name, not imported
MEASURING = ("evaluate", "speed")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 where it cannot be done, with the reason in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m vita.nano", description="The embedded checkpoint, VITA-Nano.")
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="write the checkpoint's folder and print its path")
    builder.add_argument("--output", type=Path, help="a folder; by default one in the cache")
    for name in MEASURING:
        commands.add_parser(name, help=f"as python -m {RECIPES} {name}")
    options = parser.parse_args(arguments)
    try:
        print(build_nano(options.output))
    except VitaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in MEASURING:
        runpy.run_module(RECIPES, run_name="__main__", alter_sys=True)
    else:
        sys.exit(main())
