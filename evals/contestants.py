"""Who is being measured: an engine here, a server that speaks OpenAI's chat completions or Realtime, a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from evals.provenance import checkpoint_hash
from evals.simulated_engine import SimulatedEngine
from vita.engine.engine_protocol import Engine
from vita.errors import CheckpointError, SettingsError
from vita.settings import Settings

_REMOTE = ("remote", "local-chat-completions", "openai-chat-completions")


@dataclass(frozen=True)
class Contestant:
    """What to measure and how results call it.

    Attributes:
        args: for the results' config; without keys.
    """

    name: str
    source: str
    args: Mapping[str, Any] = field(default_factory=dict)


def contestant_from_arguments(model: str, model_args: str) -> Contestant:
    """Read ``--model`` and ``--model_args``.

    ``--model`` is "vita", "remote" (or lm-eval's names of it) or "realtime" with the rest in the arguments,
    "simulated", or directly a folder, a name on the Hub, "nano", or a server's address (ws://… for realtime).

    Raises:
        SettingsError: arguments that nobody understands, or a server without an address.
    """
    args = parse_args(model_args)
    if model.startswith(("http://", "https://")):
        args, model = {"base_url": model} | args, "remote"
    if model == "simulated":
        return Contestant("simulated", "simulated", args)
    if model == "realtime" or model.startswith(("ws://", "wss://")):
        return realtime_contestant(model, args)
    if model in _REMOTE:
        if "base_url" not in args:
            raise SettingsError(
                "A remote model needs its address: --model_args base_url=http://host:8000/v1,model=name"
            )
        base = str(args["base_url"]).removesuffix("/chat/completions")
        return Contestant(str(args.get("model") or base), "remote", args | {"base_url": base})
    name = str(args.pop("pretrained", "nano")) if model == "vita" else model
    known = {spec.name for spec in fields(Settings)} - {"model"}
    if unknown := set(args) - known:
        raise SettingsError(f"Unknown model arguments {sorted(unknown)}; known are {sorted(known)}.")
    return local_contestant(name, args)


def realtime_contestant(model: str, args: Mapping[str, Any]) -> Contestant:
    """A server that conversations are held with, by its address in ``args`` or in place of the model's name.

    Raises:
        SettingsError: there is no address.
    """
    given = str(args.get("base_url", model))
    scheme, _, rest = given.partition("://")
    secure = {"ws": "ws", "http": "ws", "wss": "wss", "https": "wss"}.get(scheme)
    if secure is None or not rest:
        raise SettingsError("A realtime server needs its address: --model_args base_url=ws://host:7860")
    address = f"{secure}://{rest.removesuffix('/').removesuffix('/v1/realtime')}"
    return Contestant(str(args.get("model") or address), "realtime", {**args, "base_url": address})


def local_contestant(model: str, args: Mapping[str, Any] | None = None) -> Contestant:
    """An engine here of a checkpoint: "nano", a name on the Hub or a folder, whose place stays out of the name."""
    folder = Path(model).expanduser()
    if folder.is_dir() or folder.is_absolute():
        return Contestant(folder.resolve().name or "model", "vita", {**(args or {}), "model": model})
    return Contestant(model, "vita", args or {})


def parse_args(text: str) -> dict[str, Any]:
    """``a=1,b=c`` as lm-eval reads it: whole numbers, decimals and booleans become what they look like."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return {name.strip(): _argument_value(value.strip()) for name, _, value in pairs}


def _argument_value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def build_engine(contestant: Contestant) -> Engine:
    """Its engine, not loading yet."""
    args = dict(contestant.args)
    if contestant.source == "simulated":
        return SimulatedEngine(float(args.get("seconds", 0.0)), int(args.get("parallel", 32)))
    if contestant.source == "remote":
        from vita.engine.remote_engine import RemoteEngine

        key, model = str(args.get("api_key", "EMPTY")), str(args.get("model", ""))
        return RemoteEngine(contestant.name, str(args["base_url"]), key, model)
    from vita.engine.engine_factory import build_pool

    return build_pool(settings_of(contestant))


def settings_of(contestant: Contestant) -> Settings:
    """Settings of an engine here: one engine unless the arguments say two."""
    return Settings(**{"model": contestant.name, "engines": 1, **contestant.args})


def hash_of(contestant: Contestant) -> str | None:
    """The checkpoint's hash; None where the checkpoint is somewhere else."""
    if contestant.source != "vita":
        return None
    from vita.engine.engine_factory import find_checkpoint

    return checkpoint_hash(find_checkpoint(settings_of(contestant)))


def tile_bound(contestant: Contestant) -> int | None:
    """Tiles that the checkpoint lets one picture be cut into; None where it is somewhere else or cannot be read.

    It is asked for when a run is over, which must not be lost for it.
    """
    if contestant.source != "vita" or settings_of(contestant).remotes:
        return None
    from vita.engine.engine_factory import find_checkpoint
    from vita.model.configuration import VITAConfig

    try:
        return VITAConfig.from_checkpoint(find_checkpoint(settings_of(contestant))).max_tiles
    except CheckpointError:
        return None


def kept_args(contestant: Contestant) -> dict[str, Any]:
    """The arguments as a run's plan may keep them on this machine: without keys."""
    return {name: "…" if name in ("api_key", "remote_key") else value for name, value in contestant.args.items()}


def shown_args(contestant: Contestant) -> dict[str, Any]:
    """The arguments as results may show them to anybody: without keys and without the folder of the checkpoint."""
    hidden = {"model": contestant.name} if contestant.source == "vita" and "model" in contestant.args else {}
    return kept_args(contestant) | hidden
