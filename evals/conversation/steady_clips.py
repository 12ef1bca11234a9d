"""Questions that are one decision each: as they are spoken, less the silences within, checked by the server's own VAD.

A decision is begun on 24 ms of quiet, which words have within them: between the parts of a "t" alone. A figure that
compares decisions needs clips of which each causes one.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import soxr

from evals.conversation import caller_sounds
from evals.conversation.caller import ROOM
from evals.conversation.caller_sounds import CallerClip, Samples
from evals.conversation.simulated_player import RATE
from vita.duplex.audio_input import AudioInput
from vita.media import SAMPLE_RATE
from vita.media.pcm import BYTES_PER_SAMPLE, encode_pcm16
from vita.speech.trailing_silence import PIECE
from vita.speech.voice_activity import FRAME, SileroVad, VadSettings
from vita.speech.voice_events import VoicePaused, VoiceStarted, VoiceStopped

MESSAGE = RATE // 50  # samples that the caller sends at once
PHASES = 4  # places of the clip in the detector's frames that are tried: in a conversation it may be any
QUIET_SHARE = 2 * VadSettings().quiet_share  # of the voice's loudest; what is near the detector's bound is cut, too
TRIED = 4  # questions for each that is wanted
LEAD, REST = 0.5, 1.0  # seconds of room before the voice and behind it


def steady_questions(count: int) -> list[CallerClip]:
    """So many questions, prepared, that are one decision each; of TRIED times as many about nine in ten are."""
    asked = caller_sounds.question_clips(TRIED * count)
    prepared = (replace(clip, samples=without_silences(clip.samples)) for clip in asked)
    return list(islice((clip for clip in prepared if is_one_decision(clip.samples)), count))


def without_silences(samples: Samples) -> Samples:
    """The voice, float32 [n] at 16 kHz, with each silence within it cut to one piece of 8 ms; its ends as they were."""
    count = len(samples) // PIECE
    pieces = samples[: count * PIECE].reshape(count, PIECE)
    loud = np.sqrt(np.mean(np.square(pieces), 1))
    heard = np.flatnonzero(loud >= QUIET_SHARE * loud.max())
    first, last = heard[0], heard[-1]
    is_quiet = loud < QUIET_SHARE * loud.max()
    after_quiet = np.concatenate(([False], is_quiet[:-1]))
    places = np.arange(count)
    kept = pieces[~(is_quiet & after_quiet) | (places < first) | (places > last)]
    return np.concatenate([kept.reshape(-1), samples[count * PIECE :]])


def is_one_decision(samples: Samples) -> bool:
    """Whether a conversation would begin one decision on these samples, float32 [n] at 16 kHz, wherever they fall."""
    return all(
        _events_of(samples, phase * FRAME // PHASES) == ["started", "paused", "stopped"] for phase in range(PHASES)
    )


def _events_of(samples: Samples, shift: int) -> list[str]:
    """What the server detects in a clip in a quiet room, ``shift`` samples later than the first frame's end."""
    ends = [np.zeros(round(seconds * SAMPLE_RATE) + extra) for seconds, extra in ((LEAD, shift), (REST, 0))]
    loud = soxr.resample(np.concatenate([ends[0], samples, ends[1]]), SAMPLE_RATE, RATE)
    loud = loud + np.random.default_rng(0).standard_normal(len(loud)) * ROOM
    pcm = encode_pcm16(loud)
    audio_input = AudioInput(SileroVad(), VadSettings())
    names = {VoiceStarted: "started", VoicePaused: "paused", VoiceStopped: "stopped"}
    size = MESSAGE * BYTES_PER_SAMPLE
    messages = (pcm[begin : begin + size] for begin in range(0, len(pcm), size))
    events = [event for message in messages for event in audio_input.receive_pcm(message)]
    return [names[type(event)] for event in events if type(event) in names]
