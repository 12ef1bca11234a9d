"""One frozen Settings for every command; the only reader of the environment."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, NoReturn

from vita.errors import SettingsError

PREFIX = "VITA_"  # VITA_MODEL, VITA_ENGINES, ...
BARE = ("host", "port")  # read from HOST and PORT too, as hosting services set them
DTYPES = ("auto", "float32", "bfloat16", "float16")
LANGUAGES = ("", "en", "zh")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def setting_field(default: Any, help: str, choices: Sequence[str] = (), least: float | None = None) -> Any:
    """A field of Settings: what --help says of it and which values are right."""
    return field(default=default, metadata={"help": help, "choices": choices, "least": least})


@dataclass(frozen=True)
class Settings:
    """What a person may choose about engines and server. Flags win over environment, environment over defaults."""

    model: str = setting_field(
        "nano", 'a folder, a name on the Hub, or "nano": the embedded checkpoint, built on first use'
    )
    engines: int = setting_field(2, "2, or 1 to serve both roles from one engine", least=1)
    host: str = setting_field("127.0.0.1", "address to listen on; 0.0.0.0 listens on all")
    port: int = setting_field(7860, "port to listen on; 0 takes a free one", least=0)
    dtype: str = setting_field(
        "auto", "numbers to compute with; auto is bfloat16 for the embedded model", choices=DTYPES
    )
    device_memory: float = setting_field(
        0.9, "share of each GPU's memory that all engines together may take", least=0.05
    )
    kv_cache_gib: float = setting_field(0.5, "GiB for each engine's key-value cache on CPU", least=0.01)
    context: int = setting_field(0, "longest prompt and answer in tokens; 0 takes the checkpoint's own limit", least=0)
    threads: int = setting_field(0, "threads of each engine on CPU; 0 takes one for each core", least=0)
    tensor_parallel: int = setting_field(1, "GPUs that each layer of an engine is split over", least=1)
    pipeline_parallel: int = setting_field(1, "stages that the layers of an engine are split into", least=1)
    quantization: str = setting_field(
        "", "vLLM's name of a quantization, such as fp8; empty takes the checkpoint's own"
    )
    remotes: tuple[str, ...] = setting_field(
        (), "address of an OpenAI-compatible server to use in place of a local engine, such as http://host:8000/v1; "
        "may be repeated"
    )  # fmt: skip
    remote_key: str = setting_field("EMPTY", "key for the remote servers")
    results: str = setting_field("results", "folder that the page keeps its evaluation runs in")
    evaluate: str = setting_field(
        "local", "who may start and stop evaluations on the page: local (browsers on this machine, and whoever knows "
        "the password), everyone, or off", choices=("local", "everyone", "off"),
    )  # fmt: skip
    evaluate_password: str = setting_field("", "password for evaluations; better set as a variable than as a flag")
    personas: str = setting_field("", "folder with persona files (YAML) that Talk offers beside its own")
    language: str = setting_field("", "language of the labels; empty follows the browser", choices=LANGUAGES)
    verbose: bool = setting_field(False, "show vLLM's own log")

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            SettingsError: one cannot be right.
        """
        for spec in fields(self):
            _check_value(spec, getattr(self, spec.name))
        if self.engines > 2:
            raise SettingsError(f"engines must be 1 or 2, not {self.engines}; add servers with --remotes.")
        if self.port > 65_535:
            raise SettingsError(f"port must be at most 65535, not {self.port}.")
        if self.device_memory > 1:
            raise SettingsError(f"device_memory is a share of 1, not {self.device_memory}; try 0.9.")
        if not self.model.strip():
            raise SettingsError('model is empty; give a folder, a name on the Hub or "nano".')
        for address in self.remotes:
            if not address.startswith(("http://", "https://")):
                raise SettingsError(f"remotes must begin with http:// or https://, unlike {address!r}.")

    @classmethod
    def from_args(cls, argv: Sequence[str], environ: Mapping[str, str], program: str = "app.py") -> Settings:
        """Settings of a command line that has these flags and no others.

        Raises:
            SettingsError: a flag or a variable that cannot be right. SystemExit only for --help.
        """
        parser = SettingsParser(prog=program, description="VITA Playground: ask, talk with, compare and measure VITA.")
        add_flags(parser)
        return cls.from_namespace(parser.parse_args(argv), environ)

    @classmethod
    def from_namespace(cls, flags: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
        """Settings from parsed flags (see ``add_flags``) over the environment over the defaults.

        Raises:
            SettingsError: a flag or a variable that cannot be right.
        """
        chosen = {spec.name: value for spec in fields(cls) if (value := _from_environ(spec, environ)) is not None}
        chosen |= {spec.name: getattr(flags, spec.name) for spec in fields(cls) if hasattr(flags, spec.name)}
        chosen = {name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()}
        return cls(**chosen)


class SettingsParser(argparse.ArgumentParser):
    """Raises SettingsError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise SettingsError(f"{message[:1].upper()}{message[1:]}; --help lists the flags.")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every field of Settings; those not given leave no trace in the namespace."""
    group = parser.add_argument_group("settings", f"each is also read from the environment: --model from {PREFIX}MODEL")
    for spec in fields(Settings):
        flag, default = "--" + spec.name.replace("_", "-"), spec.default
        shown = "none" if default in ((), "") else default
        options: dict[str, Any] = {"default": argparse.SUPPRESS, "help": f"{spec.metadata['help']} (default: {shown})"}
        if isinstance(default, bool):
            options["action"] = argparse.BooleanOptionalAction
        elif isinstance(default, tuple):
            options |= {"action": "append", "metavar": "URL"}
        else:
            options |= {"type": type(default), "choices": spec.metadata["choices"] or None}
            options["metavar"] = None if spec.metadata["choices"] else spec.name.upper()
        group.add_argument(flag, **options)


def _from_environ(spec: Field[Any], environ: Mapping[str, str]) -> Any:
    """The value of a field's variable; None where it is not set."""
    names = [PREFIX + spec.name.upper()] + [spec.name.upper()] * (spec.name in BARE)
    name = next((name for name in names if environ.get(name, "").strip()), None)
    if name is None:
        return None
    text = environ[name].strip()
    try:
        return _parse_text(text, spec.default)
    except ValueError:
        raise SettingsError(f"{name}={text} is no {type(spec.default).__name__}.") from None


def _parse_text(text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in (*_TRUE, *_FALSE):
            raise ValueError(text)
        return text.lower() in _TRUE
    if isinstance(default, tuple):
        return tuple(item.strip() for item in text.split(",") if item.strip())
    return type(default)(text)


def _check_value(spec: Field[Any], value: Any) -> None:
    choices, least = spec.metadata["choices"], spec.metadata["least"]
    if choices and value not in choices:
        raise SettingsError(f"{spec.name} must be one of {', '.join(c or 'empty' for c in choices)}, not {value!r}.")
    if least is not None and not value >= least:  # so written that it refuses NaN too
        raise SettingsError(f"{spec.name} must be at least {least:g}, not {value}.")
