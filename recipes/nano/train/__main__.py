"""``python -m recipes.nano.train listening|hearing|states|seeing|tune``: a killed run goes on where it stopped.

Checkpoints lie in ``runs/`` (git-ignored); what is learnt is written to ``vita/nano/weights``.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import torch

from recipes.nano.train import train_seeing
from vita.errors import VitaError

PARTS = ("draw", "look", "read", "export")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 where it cannot be done, with the reason in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m recipes.nano.train", description="Teach VITA-Nano.")
    parser.add_argument("--runs", type=Path, default=Path("runs/seeing"), help="where checkpoints and data lie")
    parser.add_argument("--threads", type=int, default=1, help="threads of one process")
    commands = parser.add_subparsers(dest="command", required=True)
    eye = commands.add_parser("seeing", help="train the heads that see, and write their weights")
    eye.add_argument("parts", nargs="*", default=PARTS, choices=PARTS, help="by default all, in this order")
    eye.add_argument("--pictures", type=int, default=24_000, help="drawn pictures to learn from")
    eye.add_argument("--steps", type=int, default=3000, help="training steps of each head")
    talk = commands.add_parser("tune", help="teach the language model to use what the eye says")
    talk.add_argument("--steps", type=int, default=600)
    words = commands.add_parser("listening", help="teach the recogniser robotic voices and noise")
    words.add_argument("--size", type=int, default=2400, help="sentences to learn from")
    words.add_argument("--steps", type=int, default=320)
    ear = commands.add_parser("hearing", help="fit what tells questions to the model from other speech and from noise")
    ear.add_argument("--size", type=int, default=6000, help="sounds to learn from")
    state = commands.add_parser("states", help="fit the state tokens to the checkpoint as it is now")
    state.add_argument("--size", type=int, default=240, help="spoken questions to learn from, and as much of the rest")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    try:
        if options.command == "listening":
            from recipes.nano.train.train_recognizer import train_listening

            train_listening(options.runs, options.size, options.steps)
        elif options.command == "hearing":
            from recipes.nano.train.train_device_directed import train_hearing

            train_hearing(options.runs, options.size)
        elif options.command == "states":
            from recipes.nano.train.train_states import train_states

            train_states(options.runs, options.size)
        elif options.command == "tune":
            from recipes.nano.train.lesson_run import tune_language_model

            tune_language_model(options.runs, options.steps)
        else:
            for part in options.parts:
                train_seeing.STEPS[part](options.runs, options.pictures, options.steps)
    except VitaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
