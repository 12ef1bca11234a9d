"""A session's settings as the protocol spells them, and what they mean for a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, field_validator

from vita.duplex.conversation_events import TurnDetectionMode
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Sampling
from vita.media import SAMPLE_RATE
from vita.speech.sample_rates import INPUT_SAMPLES_PER_MS
from vita.speech.synthesis import Voice
from vita.speech.voice_activity import threshold_for

TURN_SILENCE = {"low": 1.0, "medium": 0.6, "auto": 0.5, "high": 0.3}  # s that end a turn, by eagerness


class PcmFormat(BaseModel):
    """The one format there is."""

    type: Literal["audio/pcm"] = "audio/pcm"
    rate: Literal[24000] = 24000


class ServerVad(BaseModel):
    """Voice activity alone interrupts."""

    type: Literal["server_vad"]
    threshold: float = Field(0.5, ge=0, le=1)
    prefix_padding_ms: int = Field(300, ge=0, le=5000)
    silence_duration_ms: int = Field(500, ge=100, le=10_000)
    create_response: bool = True
    interrupt_response: bool = True
    idle_timeout_ms: Annotated[int, Field(ge=1000, le=60_000)] | None = None


class SemanticVad(BaseModel):
    """The model's state token interrupts."""

    type: Literal["semantic_vad"]
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


TurnDetection = Annotated[ServerVad | SemanticVad, Field(discriminator="type")]


class TranscriptionConfig(BaseModel):
    """Asks for transcripts of the user's audio; the model's name is accepted and changes nothing."""

    model: str | None = None
    language: str | None = None
    prompt: str | None = None


class NoiseReduction(BaseModel):
    """Accepted without effect: a browser's own noise suppression is better."""

    type: Literal["near_field", "far_field"] | None = None


class InputConfig(BaseModel):
    """What comes in."""

    format: PcmFormat = Field(default_factory=PcmFormat)
    transcription: TranscriptionConfig | None = None
    noise_reduction: NoiseReduction | None = None
    turn_detection: TurnDetection | None = Field(default_factory=lambda: SemanticVad(type="semantic_vad"))

    @field_validator("turn_detection", mode="before")
    @classmethod
    def _false_is_none(cls, value: Any) -> Any:
        """Some clients say false where the protocol says null."""
        return None if value is False else value


class OutputConfig(BaseModel):
    """What goes out. A voice that we lack is our default one: clients always name one."""

    format: PcmFormat = Field(default_factory=PcmFormat)
    voice: str | None = None
    speed: float = Field(1.0, ge=0.25, le=1.5)


class AudioConfig(BaseModel):
    """Both directions."""

    input: InputConfig = Field(default_factory=InputConfig)
    output: OutputConfig = Field(default_factory=lambda: OutputConfig(speed=1.0))


class VitaConfig(BaseModel):
    """Our own settings: sensitivity 0..1, lengths in ms; None keeps the server's. No echo_margin: there is no echo.

    The protocol has no ``temperature`` any more: 0 always takes the likeliest word.
    """

    sensitivity: Annotated[float, Field(ge=0, le=1)] | None = None
    echo_margin: Annotated[float, Field(ge=0, le=0.5)] | None = None
    speculate: bool | None = None
    probe_ms: Annotated[int, Field(ge=0, le=10_000)] | None = None
    patience_ms: Annotated[int, Field(ge=100, le=20_000)] | None = None
    ahead_ms: Annotated[int, Field(ge=100, le=60_000)] | None = None
    frames: Annotated[int, Field(ge=0, le=8)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    watch_by_words: bool = False  # "Tell me when you see a dog", said or typed, sets a watch


def _no_tools(tools: list[Any]) -> list[Any]:
    if tools:
        raise ValueError("This model calls no tools; leave them out.")
    return tools


class SessionConfig(BaseModel):
    """A session. No tools: the model knows none, and a client that relies on one must learn that it is not called."""

    type: Literal["realtime"] = "realtime"
    model: str | None = None
    instructions: str | None = None
    output_modalities: list[Literal["text", "audio"]] = Field(default=["audio"], min_length=1)
    max_output_tokens: Annotated[int, Field(ge=1)] | Literal["inf"] = "inf"
    audio: AudioConfig = Field(default_factory=AudioConfig)
    tools: Annotated[list[Any], AfterValidator(_no_tools)] = Field(default_factory=list)
    tool_choice: Any = "auto"
    vita: VitaConfig = Field(default_factory=VitaConfig)

    def merge_changes(self, changes: dict[str, Any]) -> SessionConfig:
        """With ``changes`` merged in, deep; null clears, and what is not named stays.

        Raises:
            pydantic.ValidationError: a value that cannot be.
        """
        return SessionConfig.model_validate(_merge_settings(self.model_dump(), changes))

    def conversation_settings(self, base: ConversationSettings, voices: Mapping[str, Voice]) -> ConversationSettings:
        """What it means for a conversation whose server has the settings ``base``."""
        tokens = base.sampling.max_tokens
        if self.max_output_tokens != "inf":
            tokens = min(tokens, self.max_output_tokens)
        voice = voices.get(self.audio.output.voice or "", base.voice) if "audio" in self.output_modalities else None
        settings = replace(
            base,
            system=self.instructions or base.system,
            voice=voice,
            speed=self.audio.output.speed,
            sampling=self._with_temperature(replace(base.sampling, max_tokens=tokens)),
            ahead=base.ahead if self.vita.ahead_ms is None else self.vita.ahead_ms / 1000,
        )
        return self._with_vita(self._with_turns(settings))

    def _with_temperature(self, sampling: Sampling) -> Sampling:
        return sampling if self.vita.temperature is None else replace(sampling, temperature=self.vita.temperature)

    def _with_turns(self, settings: ConversationSettings) -> ConversationSettings:
        turns, policy, vad = self.audio.input.turn_detection, settings.policy, settings.vad
        if turns is None:
            return replace(settings, policy=replace(policy, mode=TurnDetectionMode.PUSH_TO_TALK))
        policy = replace(policy, create=turns.create_response, interrupt=turns.interrupt_response)
        if isinstance(turns, SemanticVad):
            vad = replace(vad, silence=round(TURN_SILENCE[turns.eagerness] * SAMPLE_RATE))
            return replace(settings, policy=replace(policy, mode=TurnDetectionMode.SEMANTIC), vad=vad)
        vad = replace(vad, threshold=turns.threshold, silence=_input_samples(turns.silence_duration_ms))
        policy = replace(
            policy,
            mode=TurnDetectionMode.SERVER_VAD,
            padding=_input_samples(turns.prefix_padding_ms),
            idle=_input_samples(turns.idle_timeout_ms or 0),
        )
        return replace(settings, policy=policy, vad=vad)

    def _with_vita(self, settings: ConversationSettings) -> ConversationSettings:
        policy, vad, ours = settings.policy, settings.vad, self.vita
        if ours.sensitivity is not None:
            vad = replace(vad, threshold=threshold_for(ours.sensitivity))
        if ours.echo_margin is not None:
            vad = replace(vad, echo_margin=ours.echo_margin, echo_share=vad.echo_share if ours.echo_margin else 0.0)
        if ours.speculate is not None:
            policy = replace(policy, speculate=ours.speculate)
        if ours.probe_ms is not None:
            policy = replace(policy, probe=_input_samples(ours.probe_ms))
        if ours.patience_ms is not None:
            policy = replace(policy, patience=_input_samples(ours.patience_ms))
        if ours.frames is not None:
            policy = replace(policy, frames=ours.frames)
        return replace(settings, policy=policy, vad=vad)

    def shown_session(self, session: str, model: str, vita: bool) -> dict[str, Any]:
        """The session as the protocol shows it."""
        shown = self.model_dump(exclude=None if vita else {"vita"})
        return {**shown, "object": "realtime.session", "id": session, "model": model}


def _input_samples(milliseconds: int) -> int:
    return milliseconds * INPUT_SAMPLES_PER_MS


def _merge_settings(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """``new`` over ``old``; where the kind of a thing changes (``type``), nothing of the old kind stays."""
    merged = deepcopy(old)
    for name, value in new.items():
        known = merged.get(name)
        same = (
            isinstance(known, dict)
            and isinstance(value, dict)
            and value.get("type", known.get("type")) == known.get("type")
        )
        merged[name] = _merge_settings(known, value) if same and known is not None else value
    return {name: value for name, value in merged.items() if value is not None or name == "turn_detection"}
