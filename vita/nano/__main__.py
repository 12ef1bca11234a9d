"""``python -m vita.nano build``: write the embedded checkpoint and say where it is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vita.errors import VitaError
from vita.nano.build import build


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 where it cannot be done, with the reason in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m vita.nano", description="The embedded checkpoint, VITA-Nano.")
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="write the checkpoint's folder and print its path")
    builder.add_argument("--output", type=Path, help="a folder; by default one in the cache")
    options = parser.parse_args(arguments)
    try:
        print(build(options.output))
    except VitaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
