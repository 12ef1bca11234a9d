"""What charts say, in English: the reports' own words, with abilities and states as people call them."""

from __future__ import annotations

from evals.report.chart_words import ChartWords

CHART_ENGLISH = ChartWords(
    abilities={
        "language": "Language", "speech": "Speech recognition", "image": "Image", "video": "Video",
        "voice": "Voice assistant", "interaction": "Interaction",
    },
    states_said={
        "audio_query": "spoken question", "noise": "noise", "text_query": "typed question", "no token": "no token",
    },
)  # fmt: skip
