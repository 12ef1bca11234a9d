"""Make all of this folder: ``python -m evals.bundled.make``. Same seeds, same items; needs ffmpeg and espeak-ng."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from evals.bundled import make_dialogues, make_drawings, make_sounds, make_texts

HERE = Path(__file__).parent
MEDIA = HERE / "media"
FRAMES, RATE = 32, 8  # of a clip, and per second
Rows = list[dict[str, Any]]
_SUFFIX = {"audio": ".ogg", "video": ".mp4"}
_MEDIA = ("image", "decoded_image", "audio", "video", *(f"image_{number}" for number in range(1, 8)))


def moving_circle(index: int) -> Image.Image:
    """A red circle that goes from left to right."""
    return make_drawings.draw_shapes([("circle", "red", 0.15 + 0.7 * index / (FRAMES - 1), 0.5, 0.25)])


def growing_square(index: int) -> Image.Image:
    """A blue square that grows."""
    return make_drawings.draw_shapes([("square", "blue", 0.5, 0.5, 0.1 + 0.8 * index / (FRAMES - 1))])


CLIPS: dict[str, Callable[[int], Image.Image]] = {"moving_circle": moving_circle, "growing_square": growing_square}
SUBTITLES = {"moving_circle": "Watch the ball roll to the door.", "growing_square": "The house gets bigger every year."}


def save_clips(folder: Path) -> None:
    """Write the clips as H.264."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{make_drawings.SIDE}x{make_drawings.SIDE}",
        "-r",
        str(RATE),
        "-i",
        "-",
        "-pix_fmt",
        "yuv420p",
    ]
    for name, frame in CLIPS.items():
        pixels = b"".join(frame(index).tobytes() for index in range(FRAMES))
        subprocess.run([*command, str(folder / f"{name}.mp4")], input=pixels, check=True, timeout=60)


def videomme_rows() -> Rows:
    """Three questions over two clips; one of them is answered by the subtitles."""
    shared = {"duration": "short", "domain": "bundled", "sub_category": "bundled"}
    asked = (
        ("moving_circle", "Object Recognition", "What moves?",
         ["A. A star.", "B. A circle.", "C. A bird.", "D. A car."], "B"),
        ("growing_square", "Action Recognition", "What does the square do?",
         ["A. It turns.", "B. It falls.", "C. It grows.", "D. It fades."], "C"),
        ("moving_circle", "Information Synopsis", "Where is it said to roll?",
         ["A. To the tree.", "B. To the wall.", "C. To the lake.", "D. To the door."], "D"),
    )  # fmt: skip
    return [
        {"video_id": name, "videoID": name, "question_id": f"00{index}-1", "task_type": kind, "question": question,
         "options": options, "answer": answer, "video": name, "subtitles": SUBTITLES[name]} | shared
        for index, (name, kind, question, options, answer) in enumerate(asked)
    ]  # fmt: skip


def rows_by_task() -> dict[str, Rows]:
    """Items by task; those of conversations, whose marks come from their sound, are ``dialogues.rows``."""
    return {
        "mmlu": make_texts.mmlu_rows(),
        "ceval": make_texts.ceval_rows(),
        "agieval": make_texts.agieval_rows(),
        "gsm8k": make_texts.gsm8k_rows(),
        "mme": make_drawings.mme_rows(),
        "ocrbench": make_drawings.ocrbench_rows(),
        "hallusionbench": make_drawings.hallusionbench_rows(),
        "mmbench_en": make_drawings.mmbench_en(),
        "mmbench_cn": make_drawings.mmbench_cn(),
        "mmstar": make_drawings.mmstar_rows(),
        "mmmu": make_drawings.mmmu_rows(),
        "mathvista": make_drawings.mathvista_rows(),
        "ai2d": make_drawings.ai2d_rows(),
        "mmvet": make_drawings.mmvet_rows(),
        **{
            f"librispeech_{half}_{kind}": make_sounds.librispeech_rows(kind == "other")
            for half in ("dev", "test")
            for kind in ("clean", "other")
        },
        "wenetspeech_test_net": make_sounds.wenetspeech_rows(rough=False),
        "wenetspeech_test_meeting": make_sounds.wenetspeech_rows(rough=True),
        "videomme": videomme_rows(),
        "videomme_subtitles": videomme_rows(),
        **make_sounds.voicebench_rows(),
        "state_tokens": make_sounds.state_tokens(),
    }


def with_paths(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its media as paths below this folder."""
    return {
        name: f"media/{value}{_SUFFIX.get(name, '.png')}" if name in _MEDIA and value else value
        for name, value in row.items()
    }


def main() -> None:
    """Write all files."""
    MEDIA.mkdir(exist_ok=True)
    make_drawings.save_pictures(MEDIA)
    make_sounds.save_recordings(MEDIA, make_sounds.recordings_by_name())
    make_sounds.save_recordings(MEDIA, make_dialogues.dialogue_recordings())
    save_clips(MEDIA)
    for task, items in (rows_by_task() | make_dialogues.dialogue_rows()).items():
        lines = [json.dumps(with_paths(row), ensure_ascii=False) for row in items]
        (HERE / f"{task}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
