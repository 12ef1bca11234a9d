"""Sounds on their way through vLLM: what its parser makes of rates and channels."""

import numpy as np
import pytest
import soundfile

from tests.golden_data import INPUTS, V15, arrays, checkpoint, close
from vita.media import load_sound
from vita.model.configuration import VITAConfig
from vita.model.fbank import FbankFrontEnd

# of torch, when vLLM imports it
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
FILE = INPUTS / "audio_2s_24k.wav"


@pytest.fixture(scope="module")
def parse_sounds():
    from vita.vllm_plugin.multimodal_inputs import VITAProcessingInfo

    parser = VITAProcessingInfo.get_data_parser(None)
    return lambda *sounds: parser.parse_mm_data({"audio": list(sounds)})["audio"].get_all()


@pytest.fixture
def recording():
    return soundfile.read(FILE, dtype="float32")


def test_features_of_a_sound_at_another_rate_are_upstreams(parse_sounds, recording):
    (samples,) = parse_sounds(recording)
    front_end = FbankFrontEnd(VITAConfig.from_checkpoint(checkpoint(V15)), checkpoint(V15))
    close(front_end(samples), arrays(V15, "encoders")["fbank_24k"], tolerance=1e-3)


def test_a_server_hears_what_our_own_engine_hears(parse_sounds, recording):
    (samples,) = parse_sounds(recording)
    np.testing.assert_array_equal(samples, load_sound(FILE).samples)


@pytest.mark.parametrize("axis", [0, 1], ids=["channels first", "channels last"])
def test_channels_are_averaged(parse_sounds, recording, axis):
    samples, rate = recording
    stereo, mono = parse_sounds((np.stack([samples, np.zeros_like(samples)], axis), rate), (samples / 2, rate))
    np.testing.assert_allclose(stereo, mono, atol=1e-6)


def test_a_sound_at_16_kilohertz_or_without_a_rate_is_left_as_it_is(parse_sounds):
    samples = np.linspace(-1, 1, 100, dtype=np.float32)
    for heard in parse_sounds((samples, 16_000), samples):
        np.testing.assert_array_equal(heard, samples)


def test_a_rate_of_no_recorder_is_an_invalid_request(parse_sounds):
    from vllm.exceptions import VLLMValidationError

    with pytest.raises(VLLMValidationError, match="samples a second cannot be used"):
        parse_sounds((np.zeros(100, np.float32), 3))
