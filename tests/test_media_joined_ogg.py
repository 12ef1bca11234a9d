"""Ogg files that were joined of several, and sounds whose channels cancel each other out for a while."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_files import tone, written
from vita.media import load_sound
from vita.media.sound_headers import ogg_links

LINKS = {
    "mono": written(tone(3, 16_000), 16_000, "OGG"),
    "fast": written(tone(3, 44_100), 44_100, "OGG"),
    "stereo": written(np.stack([tone(3, 16_000)] * 2, axis=1), 16_000, "OGG"),
    "opus": written(tone(3, 48_000), 48_000, "OGG", "OPUS"),
}


@pytest.mark.parametrize("pair", list(itertools.permutations(LINKS, 2)), ids="-".join)
def test_joined_files_are_heard_whole_whatever_the_second_one_is(pair):
    sound = load_sound(LINKS[pair[0]] + LINKS[pair[1]])
    assert sound.duration == pytest.approx(6.0, abs=0.1)
    assert np.abs(sound.samples[-16_000:-2_000]).max() > 0.3


@given(st.binary(max_size=200), st.sampled_from(sorted(LINKS)))
def test_links_cover_a_file_without_gap_whatever_it_holds(junk, name):
    data = LINKS[name] + junk
    links = ogg_links(lambda offset, size: data[offset : offset + size], len(data))
    assert (links[0][0], links[-1][1]) == (0, len(data))
    assert all(one[1] == other[0] for one, other in itertools.pairwise(links))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_channels_that_are_in_opposite_phase_for_a_while_are_heard_throughout(kind):
    left = tone(3)
    right = np.where(np.arange(len(left)) < 48_000, left, -left)
    sound = load_sound(written(np.stack([left, right], axis=1), kind=kind)).samples
    seconds = [np.sqrt(np.mean(np.square(sound[begin : begin + 8_000]))) for begin in (4_000, 20_000, 36_000)]
    assert min(seconds) > 0.9 * max(seconds)
