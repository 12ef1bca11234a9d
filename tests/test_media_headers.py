"""Refused by the header alone: the same sentence as decoding gives, and nothing that decoding would take."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.media_files import clip, png_of_size, recording, saved, three_hours, tone, written
from vita.errors import InputError
from vita.media import Limits, inspect_file, load_clip, load_picture, load_sound
from vita.media.files import Length

LOADERS = {
    "image": load_picture,
    "video": lambda source, limits: load_clip(source, limits, 4),
    "sound": load_sound,
}
NOISE = Image.effect_noise((40, 30), 60).convert("RGB")
REFUSED = {
    "a huge image": ("image", png_of_size(60_000, 60_000)),
    "a long video": ("video", three_hours()),
    "a long sound": ("sound", written(np.zeros(1200 * 8000, np.int16), 8000)),
    "a long recording": ("sound", recording(62.0, "aac", "mp4")),
    "a sound of many channels": ("sound", written(np.zeros((100, 20), np.int16))),
}
TAKEN = {
    "an image": ("image", saved(NOISE)),
    "a photo": ("image", saved(NOISE, "JPEG")),
    "a video": ("video", clip()),
    "a video with sound": ("video", clip(sound=1.0)),
    "a browser's clip": ("video", clip(codec="libvpx", container="webm", options={"live": "1"})),
    "a sound": ("sound", written(tone(1))),
    "a browser's recording": ("sound", recording(1.0, options={"live": "1"})),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_header_forbids_is_refused_with_the_sentence_of_decoding(name):
    kind, data = REFUSED[name]
    sentences = []
    for function in (inspect_file, LOADERS[kind]):
        with pytest.raises(InputError) as caught:
            function(data, Limits())
        sentences.append(str(caught.value))
    assert sentences[0] == sentences[1]


@pytest.mark.parametrize("name", TAKEN)
def test_what_can_be_decoded_passes(name):
    kind, data = TAKEN[name]
    assert inspect_file(data, Limits()) == kind
    LOADERS[kind](data, Limits())


def test_a_header_is_read_without_decoding():
    """Pixels and samples behind these headers are damaged; only decoding can tell."""
    broken = bytearray(saved(NOISE))
    broken[broken.index(b"IDAT") + 20] ^= 1
    assert inspect_file(bytes(broken)) == "image"
    with pytest.raises(InputError):
        load_picture(bytes(broken))
    assert inspect_file(three_hours(seconds=300)) == "video"


@pytest.mark.parametrize("data", [b"", b"Dear diary." * 99])
def test_what_is_no_medium_is_refused(data):
    with pytest.raises(InputError, match=r"empty \(0 bytes\)|neither an image, a video nor a sound"):
        inspect_file(data)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.03, "0.03 s"), (2.5, "2.5 s"), (42, "42 s"), (60, "1 min 0 s"), (1205, "20 min 5 s"), (10_800, "3 h 0 min")],
)
def test_durations_are_written_for_people(seconds, written):
    assert str(Length(seconds)) == written
