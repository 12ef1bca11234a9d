"""Video-MME: 900 videos with three questions each, short, medium and long, with or without subtitles.

Source: https://huggingface.co/datasets/lmms-lab/Video-MME, config videomme (test 2700), and its videos and subtitles,
about 100 GB. Terms: academic research only, no redistribution.
Row: {"video_id": "001", "duration": "short", "domain": "Knowledge", "sub_category": "Astronomy", "videoID": "abc",
      "question_id": "001-1", "task_type": "Counting Problem", "question": "How many?", "options": ["A. 1.", "B. 2."],
      "answer": "B"}, and from the folder "video" (a file) and "subtitles" (text).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from evals.scorers import choice_letters
from evals.task import DataSource, Row, Task, user_turn
from evals.tasks.choices import by_letter
from vita.conversation import Turn

_ASK = (
    "Select the best answer to the following multiple-choice question based on the video. "
    "Respond with only the letter (A, B, C, or D) of the correct option.\n"
)
_CUE = re.compile(r"\d+:\d\d:\d\d[,.]\d+ --> .*")


def videomme_prompt(row: Row, shots: Sequence[Row], subtitles: bool) -> tuple[Turn, ...]:
    """The authors' own prompt."""
    said = row.get("subtitles") or "No subtitles available"
    head = f"This video's subtitles are listed below:\n{said}\n" if subtitles else ""
    options = "\n".join(row["options"])
    return user_turn(row["video"], f"{head}{_ASK}{row['question']}\n{options}\nThe best answer is:")


def locate_media(row: Row, folder: Path) -> Mapping[str, object]:
    """The video and subtitles of a row of the Hub in a folder that holds ``videos/`` and ``subtitle/``."""
    videos = sorted(folder.glob(f"**/{row['videoID']}.mp4"))
    scripts = sorted(folder.glob(f"**/{row['videoID']}.srt"))
    text = subtitle_lines(scripts[0].read_text(encoding="utf-8", errors="replace")) if scripts else ""
    return dict(row) | {"video": str(videos[0] if videos else folder / f"{row['videoID']}.mp4"), "subtitles": text}


def subtitle_lines(srt: str) -> str:
    """The lines of a .srt file without numbers and times."""
    lines = (line.strip() for line in srt.splitlines())
    return "\n".join(line for line in lines if line and not line.isdigit() and not _CUE.match(line))


def videomme_labels(row: Row) -> list[str]:
    """Duration, domain and kind of question."""
    return [row["duration"], f"domain:{row['domain']}", f"type:{row['task_type']}"]


_VLMEVALKIT = partial(choice_letters.videomme_official, vlmevalkit=True)


def _videomme_task(subtitles: bool) -> Task:
    return Task(
        name="videomme_subtitles" if subtitles else "videomme",
        title="Video-MME with subtitles" if subtitles else "Video-MME",
        ability="video",
        source=DataSource(
            "lmms-lab/Video-MME",
            "test",
            "academic research only",
            configs=("videomme",),
            media={"video": "clip"},
            locate=locate_media,
            how_to_get="Ask for the videos at https://video-mme.github.io and give their folder with --data.",
            size=2700,
        ),
        prompt=partial(videomme_prompt, subtitles=subtitles),
        target=lambda row: str(row["answer"]),
        scorers=(
            by_letter("vlmevalkit", "VLMEvalKit (ms-vlmeval 0.0.20) videomme", _VLMEVALKIT, videomme_labels),
            by_letter("official", "Video-MME eval_your_results.py @4e7566d3, unread counted wrong",
                      choice_letters.videomme_official, videomme_labels),
            by_letter("lmms-eval", "lmms-eval 0.7.3 mcq_extract", choice_letters.mcq_priority, videomme_labels),
        ),
        metric="acc",
        max_tokens=32,
        note="Frames as VITA takes them: one a second, at most 16. Subtitles are given whole.",
    )  # fmt: skip


TASKS = (_videomme_task(subtitles=False), _videomme_task(subtitles=True))
