"""python -m vita: ask a question from the shell, or find out what an installation lacks."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from vita.conversation import Turn, check_asked, check_counts
from vita.engine.engine_factory import build_pool
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Engine, Request, Sampling, Stage, Status
from vita.errors import InputError, SettingsError, VitaError
from vita.media import Clip, Limits, Medium, Picture, Sound, load_clip, load_picture, load_sound
from vita.settings import Settings, SettingsParser, add_flags

BAD_INPUT, BAD_ENGINE = 2, 1  # exit codes
EXAMPLE = 'python -m vita ask "What is this?" --image photo.jpg'


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 where an engine failed, 2 where the input is wrong."""
    try:
        flags = _build_parser().parse_args(argv)
        settings = Settings.from_namespace(flags, os.environ)
        return _print_findings(settings) if flags.command == "doctor" else asyncio.run(_ask_question(flags, settings))
    except (InputError, SettingsError) as error:
        print(f"vita: {error}", file=sys.stderr)
        return BAD_INPUT
    except VitaError as error:
        print(f"vita: {error}", file=sys.stderr)
        return BAD_ENGINE
    except KeyboardInterrupt:
        return 130


def _build_parser() -> argparse.ArgumentParser:
    parser = SettingsParser(prog="python -m vita", description=__doc__, epilog=EXAMPLE)
    commands = parser.add_subparsers(dest="command", required=True, metavar="ask | doctor")
    ask = commands.add_parser("ask", help="stream one answer", epilog=EXAMPLE)
    ask.add_argument("question", nargs="?", default="", help="may be left out where a sound asks")
    for kind in ("image", "video", "audio"):
        ask.add_argument(f"--{kind}", action="append", default=[], type=Path, metavar="FILE", help="may be repeated")
    ask.add_argument("--json", action="store_true", help="print one JSON object at the end in place of the text")
    _add_sampling(ask)
    add_flags(ask)
    add_flags(commands.add_parser("doctor", help="check the installation and say what to do"))
    return parser


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    defaults = Sampling()
    group = parser.add_argument_group("answer")
    group.add_argument("--temperature", type=float, default=defaults.temperature, help="0 is greedy (default)")
    group.add_argument("--top-p", type=float, default=defaults.top_p)
    group.add_argument("--max-tokens", type=int, default=defaults.max_tokens)
    group.add_argument("--seed", type=int)
    group.add_argument(
        "--repetition-penalty", type=float, help="above 1 keeps from repeating; by default the checkpoint's"
    )
    group.add_argument("--frames", type=int, default=16, help="most frames taken from a video (default: 16)")
    group.add_argument("--tiles", type=int, help="tiles that an image may be cut into")
    group.add_argument("--system", help="replaces the checkpoint's own system prompt")


async def _ask_question(flags: argparse.Namespace, settings: Settings) -> int:
    request = await asyncio.to_thread(_read_request, flags)
    engine = build_pool(replace(settings, engines=1))
    try:
        await _start_pool(engine)
        await _stream_answer(engine, request, flags.json)
    finally:
        await engine.close()
    return 0


def _read_request(flags: argparse.Namespace) -> Request:
    """What the flags ask, media read.

    Raises:
        InputError: no question, or a file that cannot be used.
    """
    limits = Limits()
    check_asked(flags.question, bool(flags.audio))
    check_counts({Picture: len(flags.image), Clip: len(flags.video), Sound: len(flags.audio)}, limits)
    media: list[Medium] = [load_picture(file, limits) for file in flags.image]
    media += [load_clip(file, limits, flags.frames) for file in flags.video]
    media += [load_sound(file, limits) for file in flags.audio]
    turns = (Turn("user", (*media, flags.question)),)
    penalty = flags.repetition_penalty
    if (
        flags.max_tokens < 1
        or flags.temperature < 0
        or not 0 < flags.top_p <= 1
        or (penalty is not None and penalty <= 0)
    ):
        raise InputError("Use --max-tokens of 1 or more, --temperature of 0 or more and --top-p from 0 to 1.")
    sampling = Sampling(flags.temperature, flags.top_p, flags.max_tokens, flags.seed, penalty)
    return Request(turns, sampling, flags.system, flags.tiles)


async def _start_pool(pool: EnginePool) -> None:
    """Start the engines, their progress on stderr where a person looks at it."""
    showing = asyncio.create_task(_show_progress(pool)) if sys.stderr.isatty() else None
    try:
        await pool.start()
    finally:
        if showing:
            showing.cancel()
            print("\r\033[K", end="", file=sys.stderr, flush=True)


async def _show_progress(pool: EnginePool) -> None:
    shown = Status("", Stage.WAITING)
    while True:
        shown = await pool.wait_for_other(lambda: pool.status, shown)
        if shown.stage is Stage.LOADING:
            print(f"\r\033[K{shown.fraction:4.0%} {shown.note}", end="", file=sys.stderr, flush=True)


async def _stream_answer(engine: Engine, request: Request, as_json: bool) -> None:
    asked = time.perf_counter()
    deltas: list[Delta] = []
    first = 0.0
    async for delta in engine.generate(request):
        first = first or time.perf_counter() - asked
        deltas.append(delta)
        if not as_json:
            print(delta.text, end="", flush=True)
    if not as_json:
        print()
        return
    state, last = deltas[0].state, deltas[-1]
    answer = {
        "text": "".join(delta.text for delta in deltas),
        "state": state.name.lower() if state else None,
        "finish": last.finish,
        "usage": asdict(last.usage) if last.usage else None,
        "engine": last.engine,
        "first_token_s": round(first, 3),
        "total_s": round(time.perf_counter() - asked, 3),
    }
    print(json.dumps(answer, ensure_ascii=False))


def _print_findings(settings: Settings) -> int:
    from vita.engine.installation_check import check_installation

    well = True
    for finding in check_installation(settings):
        print(f"{'--' if finding.advice else 'ok'}  {finding.subject:<16} {finding.found}", flush=True)
        if finding.advice:
            print(f"    {'':<16} {finding.advice}", flush=True)
            well = False
    return 0 if well else BAD_ENGINE


def run_from_shell() -> int:
    """``main`` as a program of its own, ``vita`` or ``python -m vita``: SIGTERM ends the engine's processes too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    return main()


if __name__ == "__main__":
    sys.exit(run_from_shell())
