"""The page's jitter buffer and the one that conversations are measured with: the same events, the same sound."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from evals.conversation.simulated_player import Player
from tests.talk_scripts import script

EVENTS = 300  # of each conversation
REPLAY = """
return conversations.map((events) => {
  const reports = [], sound = [];
  const player = new Player(({ kind, item, samples }) => reports.push([kind, item, samples]));
  const commands = {
    push: ([item, pcm]) => player.push(item, Float32Array.from(fromBase64(pcm), (value) => value / 32768)),
    end: ([item]) => player.end(item),
    cut: ([item]) => player.cut(item),
    duck: ([on]) => player.duck(on),
    pull: ([count]) => sound.push(...player.pull(count)),
  };
  for (const [name, ...given] of events) commands[name](given);
  return [reports, toBase64(new Uint8Array(Float32Array.from(sound).buffer))];
});
"""


def random_events(seed: int) -> list[list]:
    """Answers that arrive unevenly, end, are ducked and cut, while what plays pulls frames of several sizes."""
    rng = np.random.default_rng(seed)
    events: list[list] = []
    item = 0
    for _ in range(EVENTS):
        name = rng.choice(["push", "pull", "end", "cut", "duck"], p=[0.35, 0.5, 0.06, 0.04, 0.05])
        chosen = f"item_{max(0, item - int(rng.choice([0, 0, 0, 1])))}"
        if name == "push":
            samples = rng.integers(-32_768, 32_768, int(rng.choice([0, 1, 240, 1000, 2880, 6000])), dtype=np.int16)
            events.append(["push", chosen, base64.b64encode(samples.tobytes()).decode()])
        elif name == "pull":
            events.append(["pull", int(rng.choice([1, 128, 240, 720, 2400]))])
        elif name == "duck":
            events.append(["duck", bool(rng.integers(2))])
        else:
            events.append([str(name), chosen])
            item += int(rng.integers(2))
    return events


def measured(events: list[list]) -> tuple[list[list], np.ndarray]:
    """Reports and samples, float32 [samples], of the player of conversations that are measured."""
    reports: list[list] = []
    sound: list[np.ndarray] = []
    player = Player(lambda *report: reports.append(list(report)))
    commands = {
        "push": lambda item, pcm: player.push_sound(item, base64.b64decode(pcm)),
        "end": player.end_item,
        "cut": player.stop_item,
        "duck": player.set_ducked,
        "pull": lambda count: sound.append(player.pull_samples(count)),
    }
    for name, *given in events:
        commands[name](*given)
    return reports, np.concatenate(sound)


@pytest.fixture(scope="module")
def both():
    conversations = [random_events(seed) for seed in range(20)]
    page = [
        (reports, np.frombuffer(base64.b64decode(sound), "<f4"))
        for reports, sound in script(REPLAY, conversations=conversations)
    ]
    return list(zip(page, [measured(events) for events in conversations], strict=True))


def test_the_events_bring_about_everything_that_a_player_reports(both):
    kinds = {kind for (reports, _), _ in both for kind, _, _ in reports}
    assert kinds == {"began", "played", "dry", "flowing", "ended"}


def test_both_players_report_the_same_of_the_same_events(both):
    for (page, _), (simulated, _) in both:
        assert page == simulated


def test_both_players_play_the_same_samples(both):
    assert any(np.abs(sound).max() > 0.9 for (_, sound), _ in both)
    for (_, page), (_, simulated) in both:
        np.testing.assert_array_equal(page, simulated)
