"""Personas: who VITA may be in the tab Talk, one YAML file each, a few of our own and those of a server's owner."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from demos.i18n.translation import Language
from vita.errors import SettingsError
from vita.realtime.protocol_error import describe_error

BUNDLED = Path(__file__).parent / "personas"
LARGEST = 64 * 1024  # bytes of a file
MOST = 50  # files of a folder

Instructions = Annotated[str, Field(min_length=1, max_length=4000)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class PersonaFile(BaseModel):
    """What a file says; ``name`` and ``instructions`` are one text for all languages, or one for each.

    Attributes:
        temperature: 0 always takes the likeliest word.
        longest_answer: tokens.
        voice: the name of a voice; the visitor's own stays where the server lacks it.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: dict[Language, Name]
    instructions: dict[Language, Instructions]
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    longest_answer: Annotated[int, Field(ge=8, le=512)] | None = None
    voice: str | None = None

    @field_validator("name", "instructions", mode="before")
    @classmethod
    def _same_in_both(cls, value: Any) -> Any:
        """A single text is that of both languages; one language alone is the other's too."""
        if isinstance(value, str):
            return {"en": value, "zh": value}
        if isinstance(value, dict) and len(value) == 1:
            (text,) = value.values()
            return {"en": text, "zh": text, **value}
        return value

    def shown_in(self, language: Language) -> dict[str, Any]:
        """As the page takes it."""
        return {
            "name": self.name[language],
            "instructions": self.instructions[language],
            "temperature": self.temperature,
            "longest": self.longest_answer,
            "voice": self.voice,
        }


def load_personas(folder: str) -> tuple[PersonaFile, ...]:
    """Our own personas, then those of ``folder`` ("" for none); one of the same name takes ours' place.

    Raises:
        SettingsError: a folder or a file that cannot be used; the message names it and says what is wrong.
    """
    own, given = _read_folder(BUNDLED), _read_folder(Path(folder)) if folder else ()
    names = {text for persona in given for text in persona.name.values()}
    return (*(persona for persona in own if not names & set(persona.name.values())), *given)


def _read_folder(folder: Path) -> tuple[PersonaFile, ...]:
    if not folder.is_dir():
        raise SettingsError(f"personas: there is no folder {folder}.")
    files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    if len(files) > MOST:
        raise SettingsError(f"personas: {folder} has {len(files)} files; at most {MOST} can be offered.")
    return tuple(_read_file(path) for path in files)


def _read_file(path: Path) -> PersonaFile:
    if path.stat().st_size > LARGEST:
        raise SettingsError(f"personas: {path} is larger than {LARGEST // 1024} KiB.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"personas: {path} cannot be read as YAML: {reason}.") from error
    if not isinstance(content, dict):
        raise SettingsError(f"personas: {path} must have lines such as 'name: …' and 'instructions: …'.")
    try:
        return PersonaFile.model_validate(content)
    except ValidationError as error:
        raise SettingsError(f"personas: {path}: {describe_error(error)}") from error
