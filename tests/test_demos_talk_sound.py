"""The sound of the tab Talk: resampling, the jitter buffer, the recording."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import soundfile

from tests.talk_scripts import script

SINE = """
const sine = (rate, hertz, count) =>
  Float32Array.from({ length: count }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / rate));
"""
PLAY = """
const told = [];
const player = new Player((event) => told.push(event));
const loud = (seconds) => new Float32Array(Math.round(seconds * RATE)).fill(0.5);
const pull = (seconds) => player.pull(Math.round(seconds * RATE));
const peak = (samples) => Math.max(...samples.map(Math.abs));
"""


@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000, 96_000])
def test_a_tone_is_the_same_tone_at_another_rate(rate):
    said = script(
        SINE
        + """
        const resampler = new Resampler(rate, 24000);
        const input = sine(rate, 1000, rate);
        const output = [];
        for (let at = 0; at < input.length; at += 128) output.push(...resampler.push(input.subarray(at, at + 128)));
        return output;
        """,
        rate=rate,
    )
    assert len(said) == pytest.approx(24_000, abs=40)
    wanted = np.sin(2 * np.pi * 1000 * np.arange(len(said)) / 24_000)
    assert np.abs(np.array(said) - wanted)[100:-100].max() < 0.01


def test_what_the_lower_rate_cannot_hold_is_taken_away_and_does_not_fold_back():
    kept = script(SINE + "return [...new Resampler(48000, 24000).push(sine(48000, 15000, 24000))];")
    assert np.abs(kept[200:-200]).max() < 0.01


def test_filling_gives_exactly_what_is_asked_for_and_takes_no_more_than_it_needs():
    counts = script(
        """
        const resampler = new Resampler(24000, 44100);
        let taken = 0, given = 0;
        const pull = (count) => { taken += count; return new Float32Array(count); };
        for (let n = 0; n < 500; n++) given += resampler.fill(128, pull).length;
        return [taken, given];
        """
    )
    assert counts[1] == 500 * 128
    assert counts[0] == pytest.approx(500 * 128 * 24_000 / 44_100, abs=20)


def test_an_answer_begins_once_enough_of_it_has_come():
    first, second, told = script(
        PLAY
        + """
        player.push("a", loud(0.04));
        const first = peak(pull(0.01));
        player.push("a", loud(0.04));
        return [first, peak(pull(0.01)), told];
        """
    )
    assert first == 0
    assert second == pytest.approx(0.5)
    assert told == [{"kind": "began", "item": "a", "samples": 0}]


def test_a_short_answer_plays_as_soon_as_it_is_complete_and_is_reported_whole():
    told = script(PLAY + 'player.push("a", loud(0.02)); player.end("a"); pull(0.05); return told;')
    assert [(event["kind"], event["samples"]) for event in told] == [("began", 0), ("ended", 480)]


def test_what_has_come_is_not_held_back_for_ever():
    peaks = script(
        PLAY + 'player.push("a", loud(0.03)); return Array.from({ length: 30 }, () => peak(player.pull(240)));'
    )
    assert peaks[0] == 0
    assert max(peaks) == pytest.approx(0.5)


def test_running_dry_is_told_and_so_is_going_on():
    told = script(
        PLAY + 'player.push("a", loud(0.1)); pull(0.2); player.push("a", loud(0.2)); pull(0.1); pull(0.1); return told;'
    )
    assert [event["kind"] for event in told][:3] == ["began", "dry", "flowing"]
    assert told[1]["samples"] == 2400


def test_a_cut_is_silent_within_six_milliseconds_and_what_comes_late_is_dropped():
    fading, after, late, told = script(
        PLAY
        + """
        player.push("a", loud(1));
        pull(0.1);
        player.cut("a");
        const fading = pull(0.006);
        const after = peak(pull(0.1));
        player.push("a", loud(1));
        return [[...fading], after, peak(pull(0.5)), told];
        """
    )
    assert fading[0] == pytest.approx(0.5, abs=0.01)
    assert np.abs(np.diff(fading)).max() < 0.02
    assert after == late == 0
    assert told[-1] == {"kind": "ended", "item": "a", "samples": 2400}


def test_an_answer_that_was_cut_before_it_began_was_not_heard():
    told = script(PLAY + 'player.push("a", loud(0.02)); player.cut("a"); pull(0.1); return told;')
    assert told == [{"kind": "ended", "item": "a", "samples": 0}]


def test_a_cut_leaves_the_next_answer_alone():
    told = script(
        PLAY
        + 'player.push("a", loud(1)); pull(0.1); player.cut("a"); player.push("b", loud(0.5)); pull(0.1); return told;'
    )
    assert [(event["kind"], event["item"]) for event in told][-3:-1] == [("ended", "a"), ("began", "b")]
    assert told[-1]["item"] == "b"


def test_an_item_of_another_conversation_is_played_though_one_of_that_name_was_cut_and_one_was_complete():
    peaks = script(
        PLAY
        + """
        player.push("a", loud(1));
        pull(0.1);
        player.cut("a");
        player.end("b");
        player.reset();
        pull(0.01);
        player.push("a", loud(0.1));
        const cut = peak(pull(0.1));
        player.cut("a");
        player.push("b", loud(0.02));
        return [cut, peak(pull(0.01))];
        """
    )
    assert peaks == [pytest.approx(0.5), 0]


def test_ducking_is_quiet_at_once_and_taken_back_softly():
    ducked, restored = script(
        PLAY
        + """
        player.push("a", loud(2));
        pull(0.1);
        player.duck(true);
        pull(0.02);
        const ducked = peak(pull(0.05));
        player.duck(false);
        pull(0.25);
        return [ducked, peak(pull(0.05))];
        """
    )
    assert ducked == pytest.approx(0.06, abs=0.005)
    assert restored == pytest.approx(0.5)


def test_pcm_survives_base64():
    wave = [0, 1, -1, 32767, -32768, 1234]
    text, back = script(
        "const text = toBase64(Int16Array.from(wave)); return [text, [...fromBase64(text)]];", wave=wave
    )
    assert back == wave
    assert base64.b64decode(text) == np.array(wave, "<i2").tobytes()


def test_a_recording_is_a_wav_file_with_you_on_the_left():
    bytes_ = script(
        """
        const recording = new Recording(() => 0);
        recording.hear(Int16Array.from([1, 2, 3]), Int16Array.from([10, 20, 30]));
        recording.hear(Int16Array.from([4]), Int16Array.from([40]));
        return [...new Uint8Array(await recording.wav())];
        """
    )
    sound, rate = soundfile.read(io.BytesIO(bytes(bytes_)), dtype="int16")
    assert rate == 24_000
    assert sound.tolist() == [[1, 10], [2, 20], [3, 30], [4, 40]]


def test_a_pause_of_the_page_is_silence_in_the_recording():
    samples = script(
        """
        let now = 0;
        const recording = new Recording(() => now);
        recording.hear(new Int16Array(720), new Int16Array(720));
        now = 2000;
        recording.hear(new Int16Array(720), new Int16Array(720));
        return recording.samples;
        """
    )
    assert samples == 48_000


def test_a_night_of_pause_fills_the_recording_and_no_more_and_takes_no_memory():
    samples, full, bytes_, lengths = script(
        """
        let now = 0;
        const recording = new Recording(() => now);
        const frame = () => recording.hear(new Int16Array(720), new Int16Array(720));
        frame();
        now = 8 * 3600e3;
        frame();
        frame();
        const buffers = new Set([...recording.mic, ...recording.out].map((one) => one.buffer));
        const bytes = [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
        const lengths = [recording.mic, recording.out].map((side) => side.reduce((sum, one) => sum + one.length, 0));
        return [recording.samples, recording.full, bytes, lengths];
        """
    )
    assert samples == 30 * 60 * 24_000
    assert lengths == [samples, samples]
    assert full
    assert bytes_ < 100_000


def test_a_piece_without_samples_changes_nothing():
    peaks, told = script(
        PLAY
        + """
        player.push("a", new Float32Array(0));
        const before = peak(pull(0.3));
        player.push("a", loud(0.1));
        player.push("a", new Float32Array(0));
        return [[before, peak(pull(0.2))], told.map(({ kind, samples }) => [kind, samples])];
        """
    )
    assert peaks == [0, pytest.approx(0.5)]
    assert told == [["began", 0], ["dry", 2400]]


def test_a_recording_that_goes_on_begins_with_the_sound_that_was_kept():
    bytes_, now = script(
        """
        const recording = new Recording(() => 5000);
        const earlier = [{ mic: Int16Array.from([1]), out: Int16Array.from([10]) }];
        const lines = [{ t: 2.5, from: "page", event: { type: "page.end" } }];
        recording.load({ lines, samples: 1 }, async () => earlier);
        recording.hear(Int16Array.from([2, 3]), Int16Array.from([20, 30]));
        return [[...new Uint8Array(await recording.wav())].slice(0, 44 + 4), recording.now];
        """
    )
    assert bytes_[44:] == [1, 0, 10, 0]
    assert now == 2.5
