"""Voice activity on scripted probabilities, and Silero on synthesised speech."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soxr

from vita.duplex.audio_input import KEPT, SPARE, AudioInput
from vita.duplex.conversation_events import AudioReceived, VoicePaused, VoiceResumed, VoiceStarted, VoiceStopped
from vita.duplex.conversation_history import Utterance
from vita.media import SAMPLE_RATE
from vita.media.resampling import resample_sound
from vita.speech.resampling import DELAY, Downsampler
from vita.speech.sample_rates import VOICE_RATE
from vita.speech.trailing_silence import PIECE
from vita.speech.voice_activity import FRAME, SileroVad, VadSettings, VoiceActivity, threshold_for

PAUSE = 3 * PIECE


def watch(*runs: tuple[float, int], overlap: bool = False) -> list:
    """Events for runs of (probability, frames)."""
    values = iter([value for value, count in runs for _ in range(count)])
    activity = VoiceActivity(lambda _: next(values), VadSettings())
    activity.overlap = overlap
    frame = np.zeros(FRAME, np.float32)
    return [event for _, count in runs for _ in range(count) for event in activity.feed_frame(frame)]


def test_a_voice_begins_after_its_onset_and_ends_after_the_silence():
    assert watch((0.0, 10), (0.9, 20), (0.0, 20)) == [
        VoiceStarted(12 * FRAME, 10 * FRAME),
        VoicePaused(31 * FRAME, 30 * FRAME),
        VoiceStopped(46 * FRAME, 30 * FRAME),
    ]


def test_a_single_loud_frame_is_no_voice():
    assert watch((0.0, 5), (0.9, 1), (0.0, 30)) == []


def test_a_short_silence_is_a_pause_that_resumes():
    kinds = [type(event) for event in watch((0.9, 10), (0.0, 8), (0.9, 10), (0.0, 20))]
    assert kinds == [VoiceStarted, VoicePaused, VoiceResumed, VoicePaused, VoiceStopped]


def test_what_is_a_little_below_the_threshold_is_a_likely_end_and_begins_no_voice():
    assert watch((0.4, 30)) == []
    assert [type(event) for event in watch((0.9, 5), (0.4, 10))] == [VoiceStarted, VoicePaused]
    assert [type(event) for event in watch((0.9, 5), (0.4, 10), (0.9, 1))][-1] is VoiceResumed


def test_while_vita_speaks_an_echo_must_be_clearer():
    assert watch((0.6, 30), overlap=True) == []
    assert watch((0.9, 10), overlap=True) == [VoiceStarted(2 * FRAME, 0)]


def test_what_is_far_quieter_than_vita_itself_is_its_echo_however_clear():
    activity = VoiceActivity(lambda _: 0.99, VadSettings())
    activity.overlap, activity.echo = True, 0.2
    assert [activity.feed_frame(np.full(FRAME, 0.01, np.float32)) for _ in range(20)] == [[]] * 20
    assert activity.feed_frame(np.full(FRAME, 0.03, np.float32)) == []
    assert activity.feed_frame(np.full(FRAME, 0.03, np.float32)) == [VoiceStarted(22 * FRAME, 20 * FRAME)]
    after = VoiceActivity(lambda _: 0.99, VadSettings())
    after.echo = 0.2
    assert [after.feed_frame(np.full(FRAME, 0.01, np.float32)) for _ in range(2)][-1] == [VoiceStarted(2 * FRAME, 0)]


def test_an_endless_voice_is_taken_to_have_ended():
    assert any(isinstance(event, VoiceStopped) for event in watch((0.9, 940)))


def loud(*runs: tuple[float, int]) -> list:
    """Events for runs of (loudness, frames) of which a network says that all of it is voice."""
    activity = VoiceActivity(lambda _: 0.99, VadSettings())
    frames = [np.full(FRAME, value, np.float32) for value, count in runs for _ in range(count)]
    return [event for frame in frames for event in activity.feed_frame(frame)]


def test_a_voice_that_falls_silent_pauses_before_the_network_knows():
    assert loud((0.3, 10), (0.001, 16)) == [
        VoiceStarted(2 * FRAME, 0),
        VoicePaused(11 * FRAME, 10 * FRAME),
        VoiceStopped(26 * FRAME, 10 * FRAME),
    ]


def glanced(*runs: tuple[float, int], message: int = 320) -> list:
    """Events for runs of (loudness, pieces of 8 ms) that come in messages of so many samples, all of it voice."""
    activity = VoiceActivity(lambda _: 0.99, VadSettings())
    samples = np.concatenate([np.full(PIECE * pieces, value, np.float32) for value, pieces in runs])
    events, watched = [], 0
    for received in range(message, len(samples) + 1, message):
        while received - watched >= FRAME:
            events += activity.feed_frame(samples[watched : watched + FRAME])
            watched += FRAME
        events += activity.check_tail(samples[watched:received])
    return events


def test_a_pause_is_told_with_the_message_that_brings_it_not_with_its_frame():
    voice = 42  # pieces: the voice ends in the middle of a frame
    (pause,) = [event for event in glanced((0.3, voice), (0.001, 20)) if isinstance(event, VoicePaused)]
    assert pause.end == voice * PIECE
    assert PAUSE <= pause.at - pause.end < PAUSE + 320
    assert pause.at % FRAME


def test_a_gap_that_is_too_short_is_no_pause_however_often_one_looks():
    events = glanced(*[(0.3, 10), (0.001, PAUSE // PIECE - 1)] * 10, (0.3, 10), message=PIECE)
    assert not [event for event in events if isinstance(event, VoicePaused)]


def test_a_voice_that_goes_on_behind_a_pause_resumes():
    kinds = [type(event) for event in glanced((0.3, 42), (0.001, 6), (0.3, 40), (0.001, 20))]
    assert kinds == [VoiceStarted, VoicePaused, VoiceResumed, VoicePaused]


def test_a_voice_that_only_lowers_itself_or_is_in_a_loud_room_does_not():
    assert loud((0.3, 10), (0.03, 20)) == [VoiceStarted(2 * FRAME, 0)]


def test_each_voice_is_measured_by_its_own_loudness():
    kinds = [type(event) for event in loud((0.9, 10), (0.001, 20), (0.01, 20))]
    assert kinds == [VoiceStarted, VoicePaused, VoiceStopped, VoiceStarted]


@pytest.mark.parametrize(("sensitivity", "threshold"), [(0.0, 0.9), (0.5, 0.5), (1.0, 0.1), (7.0, 0.1)])
def test_sensitivity_sets_the_threshold(sensitivity, threshold):
    assert threshold_for(sensitivity) == pytest.approx(threshold)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    """A sentence by espeak-ng, int16 at VOICE_RATE, with one second of near silence on both sides."""
    command = ["espeak-ng", "--stdout", "What is the largest animal in the world?"]
    wav = subprocess.run(command, capture_output=True, check=True).stdout
    voice = np.frombuffer(wav[44:], "<i2").astype(np.float32) / 32768
    voice = soxr.resample(voice, 22_050, VOICE_RATE)
    hush = np.random.default_rng(0).normal(0, 0.0005, VOICE_RATE).astype(np.float32)
    return (np.concatenate([hush, voice, hush]) * 32767).astype("<i2")


def test_silero_finds_where_synthesised_speech_begins_and_ends(speech):
    ear = AudioInput(SileroVad(), VadSettings())
    events = [event for chunk in np.array_split(speech, 300) for event in ear.receive_pcm(chunk.tobytes())]
    started = next(event for event in events if isinstance(event, VoiceStarted))
    stopped = [event for event in events if isinstance(event, VoiceStopped)]
    length = len(speech) / VOICE_RATE
    assert started.begin / SAMPLE_RATE == pytest.approx(1.0, abs=0.15)
    assert started.at - started.begin <= 0.1 * SAMPLE_RATE
    assert len(stopped) == 1
    assert stopped[0].end / SAMPLE_RATE == pytest.approx(length - 1.0, abs=0.3)


@pytest.mark.parametrize("color", ["white", "tone", "clicks"])
def test_silero_hears_no_voice_in_noise(color):
    rng, seconds = np.random.default_rng(1), np.arange(4 * VOICE_RATE) / VOICE_RATE
    noise = {
        "white": rng.normal(0, 0.1, len(seconds)),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * seconds),
        "clicks": (rng.random(len(seconds)) > 0.9997) * 0.8,
    }[color]
    ear = AudioInput(SileroVad(), VadSettings())
    events = ear.receive_pcm((noise * 32767).astype("<i2").tobytes())
    assert [type(event) for event in events] == [AudioReceived]


def test_the_ear_counts_samples_at_16_khz_whatever_the_size_of_the_messages():
    ear = AudioInput(lambda _: 0.0, VadSettings())
    pcm = bytes(2 * VOICE_RATE)
    for size in (1, 7, 480, 4801):
        for begin in range(0, len(pcm), max(size, 97)):
            ear.receive_pcm(pcm[begin : begin + max(size, 97)])
    assert ear.received == pytest.approx(4 * SAMPLE_RATE, abs=1)


def test_the_ear_gives_back_the_sound_of_a_stretch():
    ear = AudioInput(lambda _: 0.0, VadSettings())
    tone = np.sin(np.arange(2 * VOICE_RATE) * 2 * np.pi * 200 / VOICE_RATE) * 0.5
    ear.receive_pcm((tone * 32767).astype("<i2").tobytes())
    sound = ear.sound_of(Utterance(SAMPLE_RATE // 2, SAMPLE_RATE))
    expected = np.sin((np.arange(SAMPLE_RATE // 2, SAMPLE_RATE) - DELAY) * 2 * np.pi * 200 / SAMPLE_RATE) * 0.5
    assert sound.duration == 0.5
    np.testing.assert_allclose(sound.samples, expected, atol=0.01)


def test_the_ear_forgets_what_is_old_and_knows_where_the_rest_lies():
    ear = AudioInput(lambda _: 0.0, VadSettings())
    second = np.full(VOICE_RATE, 1000, "<i2").tobytes()
    for _ in range((KEPT + SPARE) // SAMPLE_RATE + 5):
        ear.receive_pcm(second)
    assert ear.sound_of(Utterance(0, SAMPLE_RATE)).samples.size == 0
    assert ear.sound_of(Utterance(ear.received - 100, ear.received)).samples.size == 100


def test_the_stream_is_resampled_alike_in_pieces_and_whole():
    sound = np.random.default_rng(2).normal(0, 0.1, 24_000).astype(np.float32)
    pieces, stream = np.split(sound, [1, 2, 481, 482, 9000]), Downsampler()
    np.testing.assert_allclose(np.concatenate([stream(p) for p in pieces]), Downsampler()(sound), atol=1e-6)


def test_the_stream_gives_what_a_whole_sound_gives_a_little_later():
    sound = np.random.default_rng(3).normal(0, 0.1, 24_000).astype(np.float32)
    whole = resample_sound(sound, VOICE_RATE)
    np.testing.assert_allclose(Downsampler()(sound)[DELAY:], whole[:-DELAY], atol=1e-6)


@pytest.mark.parametrize(("hertz", "gain"), [(100, 1.0), (1000, 1.0), (6000, 1.0), (10_000, 0.01), (11_000, 0.01)])
def test_speech_passes_and_what_lies_far_above_it_does_not_fold_back(hertz, gain):
    tone = np.sin(np.arange(VOICE_RATE) * 2 * np.pi * hertz / VOICE_RATE).astype(np.float32)
    level = float(np.sqrt(2 * np.mean(Downsampler()(tone)[200:] ** 2)))
    assert level == pytest.approx(gain, abs=0.02)
