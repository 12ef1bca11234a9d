"""What a conversation may choose: turn-taking, voice activity, sampling, media limits and voice."""

from __future__ import annotations

from dataclasses import dataclass, field

from vita.duplex.conversation_events import TurnPolicy
from vita.engine.engine_protocol import Sampling
from vita.media import Limits
from vita.speech.synthesis import Voice
from vita.speech.voice_activity import VadSettings


@dataclass(frozen=True)
class ConversationSettings:
    """The settings of one conversation; they may change while it goes on.

    Attributes:
        system: replaces the checkpoint's own system prompt.
        voice: None for answers that are text only.
        speed: 1 is the voice's own, 2 twice as fast.
        ahead: seconds of audio sent before they are played; more underruns less, less leaves less to take back.
        patience: seconds that an engine may give no token.
    """

    policy: TurnPolicy = field(default_factory=TurnPolicy)
    vad: VadSettings = field(default_factory=VadSettings)
    sampling: Sampling = field(default_factory=Sampling)
    limits: Limits = field(default_factory=Limits)
    system: str | None = None
    voice: Voice | None = None
    speed: float = 1.0
    ahead: float = 2.0
    patience: float = 60.0
