"""Which folder of an encoder is read, and what its train.yaml means."""

import json
from functools import partial

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.golden_data import V15, checkpoint
from vita.errors import CheckpointError
from vita.model.encoder_folders import named_fields, static_chunks, vision_settings

PUBLISHED = "audio-encoder-Qwen2-7B-1107-weight-base-11wh-tunning"
OTHER = "audio-encoder-2wh_zh_en_audioset_Mixtral-8x7B_New-base-tunning"
SETTINGS = yaml.safe_load((checkpoint(V15) / "audio-encoder-tiny" / "train.yaml").read_text())


def chunked_settings(size, left, **transformer):
    """The golden train.yaml with these chunks."""
    settings = json.loads(json.dumps(SETTINGS))
    chunks = {"transformer-chunk_size": size, "transformer-left_chunks": left}
    settings["encoder_conf"]["para_conf"]["transformer"] |= {**chunks, **transformer}
    return settings


def write_encoder(place, settings):
    place.mkdir(parents=True)
    (place / "train.yaml").write_text(settings if isinstance(settings, str) else yaml.safe_dump(settings))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "models" / "ckpt"
    place.mkdir(parents=True)
    return place


@pytest.mark.parametrize(
    "name",
    [
        PUBLISHED,
        f"{PUBLISHED}/",
        f"/data/training/{PUBLISHED}",
        f"VITA-MLLM/VITA-1.5/{PUBLISHED}/",
        f"D:\\w\\{PUBLISHED}",
    ],
)
@pytest.mark.parametrize("beside", [False, True], ids=["inside", "beside"])
def test_the_folder_that_the_configuration_names_is_read_and_no_neighbour(folder, name, beside):
    place = folder.parent if beside else folder
    write_encoder(place / OTHER, chunked_settings(9, 9))
    write_encoder(place / PUBLISHED, chunked_settings(4, 16))
    assert static_chunks(folder, name) == {"chunk_size": 4, "left_chunks": 16}


def test_the_folder_inside_goes_before_the_one_beside(folder):
    write_encoder(folder.parent / PUBLISHED, chunked_settings(9, 9))
    write_encoder(folder / PUBLISHED, chunked_settings(4, 16))
    assert static_chunks(folder, PUBLISHED)["chunk_size"] == 4


def test_a_full_path_that_exists_is_taken_as_it_is(folder, tmp_path):
    write_encoder(folder / PUBLISHED, chunked_settings(9, 9))
    write_encoder(tmp_path / "elsewhere" / PUBLISHED, chunked_settings(4, 16))
    assert static_chunks(folder, str(tmp_path / "elsewhere" / PUBLISHED))["chunk_size"] == 4


@pytest.mark.parametrize("name", [PUBLISHED, "/", ""])
def test_a_neighbour_of_another_version_is_never_read(folder, name):
    write_encoder(folder / OTHER, chunked_settings(9, 9))
    write_encoder(folder.parent / f"{OTHER}-2", "a: [")
    assert static_chunks(folder, name) == {}


def test_an_encoder_that_nothing_names_is_read_in_the_checkpoints_own_folder_alone(folder):
    write_encoder(folder.parent / OTHER, chunked_settings(9, 9))
    assert static_chunks(folder, None) == {}
    write_encoder(folder / PUBLISHED, chunked_settings(4, 16))
    assert static_chunks(folder, None) == {"chunk_size": 4, "left_chunks": 16}


def test_several_encoders_that_nothing_names_must_agree(folder):
    write_encoder(folder / PUBLISHED, chunked_settings(4, 16))
    write_encoder(folder / OTHER, chunked_settings(4, 16))
    assert static_chunks(folder, None)["chunk_size"] == 4
    (folder / OTHER / "train.yaml").write_text(yaml.safe_dump(chunked_settings(9, 9)))
    with pytest.raises(CheckpointError, match=f"has several encoders .*{PUBLISHED}.*mm_audio_encoder"):
        static_chunks(folder, None)
    assert static_chunks(folder, OTHER)["chunk_size"] == 9


def test_the_vision_encoder_is_found_alike(folder):
    for name, heads in (("InternViT-6B-448px", 25), ("InternViT-300M-448px", 16)):
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps({"num_attention_heads": heads}))
    assert vision_settings(folder, "OpenGVLab/InternViT-300M-448px") == {"num_attention_heads": 16}
    assert vision_settings(folder, "/models/InternViT-300M-448px-V2_5") == {}
    with pytest.raises(CheckpointError, match="mm_vision_tower"):
        vision_settings(folder, None)


def respelled_keys(value, draw):
    """The same mapping with any ``-`` and ``_`` in its keys drawn anew."""
    if not isinstance(value, dict):
        return value
    change = lambda key: "".join(draw(st.sampled_from("-_")) if sign in "-_" else sign for sign in key)  # noqa: E731
    return {change(key): respelled_keys(inner, draw) for key, inner in value.items()}


@given(st.data(), st.integers(1, 64), st.integers(-1, 64))
def test_dashes_and_underscores_in_keys_are_alike(tmp_path_factory, data, size, left):
    folder = tmp_path_factory.mktemp("ckpt")
    write_encoder(folder / PUBLISHED, respelled_keys(chunked_settings(size, left), partial(data.draw)))
    assert static_chunks(folder, PUBLISHED) == {"chunk_size": size, "left_chunks": left}


@pytest.mark.parametrize(
    ("settings", "chunks"),
    [
        (chunked_settings(4, 16), {"chunk_size": 4, "left_chunks": 16}),
        (chunked_settings(4, -1), {"chunk_size": 4, "left_chunks": -1}),
        (chunked_settings(-1, -1), {}),
        (chunked_settings(0, 3), {}),
        (
            chunked_settings(4, 16, **{"transformer-dynamic-chunks": True}),
            {},
        ),  # random, which nobody wants at inference
    ],
)
def test_static_chunks_are_taken_and_random_ones_are_not(folder, settings, chunks):
    write_encoder(folder / PUBLISHED, settings)
    assert static_chunks(folder, PUBLISHED) == chunks


def test_chunks_are_random_where_train_yaml_does_not_say(folder):
    settings = chunked_settings(4, 16)
    del settings["encoder_conf"]["para_conf"]["transformer"]["transformer-dynamic-chunks"]
    write_encoder(folder / PUBLISHED, settings)
    assert static_chunks(folder, PUBLISHED) == {}


def test_a_layer_under_a_numbered_name_and_settings_of_the_overview_are_read(folder):
    settings = chunked_settings(4, 16)
    conf = settings["encoder_conf"]
    conf["para_conf"]["transformer_1"] = conf["para_conf"].pop("transformer")
    del conf["para_conf"]["transformer_1"]["transformer-left_chunks"]
    conf["overview_conf"] |= {"encoder-layer-config": "subsampling-transformer_1", "transformer_left-chunks": 7}
    write_encoder(folder / PUBLISHED, settings)
    assert static_chunks(folder, PUBLISHED) == {"chunk_size": 4, "left_chunks": 7}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a: [", "cannot be read"),
        ("", "no train.yaml of VITA's audio encoder"),
        ("[1, 2]", "no train.yaml of VITA's audio encoder"),
        ("input_dim: 80", "it has no 'encoder_conf'"),
        ("encoder_conf: {overview_conf: {}}", "it has no 'para_conf'"),
        ("encoder_conf: {para_conf: {subsampling: {}}}", "it has no 'transformer'"),
        (yaml.safe_dump(chunked_settings("four", 16)), "'four'"),
    ],
)
def test_a_train_yaml_of_another_kind_is_one_sentence_that_names_it(folder, written, message):
    write_encoder(folder / PUBLISHED, written)
    with pytest.raises(CheckpointError, match=message) as error:
        static_chunks(folder, PUBLISHED)
    assert str(folder / PUBLISHED / "train.yaml") in str(error.value)


def test_fields_that_the_demos_config_lacks_come_from_the_file_that_it_replaced(folder):
    (folder / "origin_config.json").write_text(json.dumps({"mm_audio_encoder": PUBLISHED, "vocab_size": 1}))
    assert named_fields(folder, {"vocab_size": 2}) == {"mm_audio_encoder": PUBLISHED, "vocab_size": 2}
    (folder / "origin_config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"origin_config\.json cannot be read"):
        named_fields(folder, {})
