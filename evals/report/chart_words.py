"""The words on charts. English here; a page that speaks another language brings its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ChartWords:
    """What charts say.

    Attributes:
        abilities: names of abilities that are shown otherwise than they are called; so do states.
        numbers: chart, run, name and value of the sentences that describe a chart to who cannot see it.
        tools: the words of the chart's own toolbar, by their English.
    """

    bundled: str = "Bundled items, not the benchmark itself"
    bundled_note: str = (
        "Rows marked (bundled) ran on the few items that ship with this project; never compare them with published "
        "numbers."
    )
    bundled_mark: str = "{title} (bundled)"
    results: str = "Results"
    settings: str = "Settings"
    scores: str = "Scores"
    points: str = "Points"
    waits: str = "Waits"
    abilities_title: str = "Abilities"
    parts: str = "{task}: parts, {run}"
    states: str = "State tokens, {run}"
    latency: str = "Latency"
    score_axis: str = "score (error rate for speech)"
    seconds_axis: str = "seconds until the last token"
    wait_axis: str = "seconds until the answer"
    items_axis: str = "items"
    was: str = "was"
    taken_for: str = "taken for"
    median: str = "{run}: median"
    high: str = "{run}: 95th percentile"
    series: str = "{run}: {values}"
    missing: str = "not measured"
    abilities: Mapping[str, str] = field(default_factory=dict)
    states_said: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)

    def ability_name(self, ability: str) -> str:
        """What an ability is called."""
        return self.abilities.get(ability, ability)

    def state_name(self, state: str) -> str:
        """What a state is called."""
        return self.states_said.get(state, state)


ENGLISH = ChartWords()
