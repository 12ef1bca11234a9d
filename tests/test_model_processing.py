"""Prompts as ids and features, against upstream's ids."""

import re
import shutil

import pytest
import torch

from tests.golden_data import V10, V15, checkpoint, clip, picture, pieces, sound, values
from vita.conversation import Turn, render_prompt
from vita.errors import CheckpointError
from vita.model.configuration import VITAConfig
from vita.model.processing import Processor, load_tokenizer, prompt_ids, state_token_ids, widen_placeholders
from vita.tokens import STATE_TOKENS, Family, State

IMAGE, AUDIO = -200, -500  # upstream's placeholders, one for each tile, frame or sound


@pytest.fixture(scope="module")
def processors():
    return {family: Processor.from_checkpoint(checkpoint(family)) for family in (V10, V15)}


def with_upstreams_placeholders(processor, prompt):
    """Our ids with one placeholder for each of upstream's in ``prompt``, and as many of its kind."""
    config = processor.config
    runs = [run.group() for run in re.finditer(r"(?:<image>)+|<audio>", prompt)]
    kinds = ["audio_3s" if run == "<audio>" else "img3" for run in runs]
    ids = prompt_ids(pieces(prompt, kinds), processor.tokenizer, config)
    upstreams = {config.image_token_id: IMAGE, config.audio_token_id: AUDIO}
    wide = [[config.audio_token_id if run == "<audio>" else config.image_token_id] * run.count("<") for run in runs]
    return [upstreams.get(token, token) for token in widen_placeholders(ids, config, wide)]


@pytest.mark.parametrize("family", [V10, V15])
def test_ids_of_every_prompt_are_upstreams(processors, family):
    prompts = values(family, "prompts")
    assert len(prompts) >= 6
    for name, case in prompts.items():
        assert with_upstreams_placeholders(processors[family], case["prompt"]) == case["input_ids"], name


def test_ids_are_the_same_without_the_fast_tokenizers_file(tmp_path, processors):
    folder = shutil.copytree(checkpoint(V10), tmp_path / "ckpt")
    (folder / "tokenizer.json").unlink()
    tokenizer = load_tokenizer(folder)
    for case in values(V10, "prompts").values():
        for text in re.split("<image>|<audio>", case["prompt"]):
            expected = processors[V10].tokenizer.encode(text, add_special_tokens=False)
            assert tokenizer.encode(text, add_special_tokens=False) == expected


def test_a_rendered_conversation_becomes_upstreams_ids_and_counts(processors):
    turn = Turn("user", (picture("img1"), "Describe this image."))
    prompt = processors[V10](render_prompt([turn], Family.VITA_1_0))
    config, expected = processors[V10].config, values(V10, "prompts")["image"]["input_ids"]
    assert [token for token in prompt.token_ids if token != config.image_token_id] == [
        t for t in expected if t != IMAGE
    ]
    assert prompt.tokens_of_kind("image") == prompt.token_ids.count(config.image_token_id) == 9 * 4
    assert [len(pixels) for pixels in prompt.media_of_kind("image")] == [9]


def test_media_of_all_kinds_keep_their_order_and_counts(processors):
    processor = processors[V15]
    prompt = processor(["a", clip(), "b", sound("audio_3s"), picture("img3"), sound("audio_1p3s")])
    assert [medium.kind for medium in prompt.media] == ["video", "audio", "image", "audio"]
    assert [prompt.tokens_of_kind(kind) for kind in ("image", "video", "audio")] == [4, 16, 37 + 16]
    assert [tuple(values.shape) for values in prompt.media_of_kind("audio")] == [(298, 80), (128, 80)]
    assert [tuple(values.shape) for values in prompt.media_of_kind("video")] == [(4, 3, 56, 56)]
    config = processor.config
    special = [token for token in prompt.token_ids if token >= config.audio_token_id]
    expected = [(config.video_token_id, 16), (config.audio_token_id, 37), (config.image_token_id, 4)]
    assert special == [token for token, count in [*expected, (config.audio_token_id, 16)] for _ in range(count)]


def test_max_tiles_makes_an_image_cheaper_and_leaves_a_clip_alone(processors):
    prompt = processors[V10]([picture("img1"), clip()], max_tiles=1)
    assert (prompt.tokens_of_kind("image"), prompt.tokens_of_kind("video")) == (4, 16)


def test_placeholders_are_ids_that_text_cannot_have(processors):
    for processor in processors.values():
        config = processor.config
        placeholders = {config.image_token_id, config.video_token_id, config.audio_token_id}
        assert len(placeholders) == 3
        assert all(len(processor.tokenizer) <= token < config.text_config.vocab_size for token in placeholders)


def test_text_that_spells_upstreams_placeholders_makes_none(processors):
    prompt = processors[V10](["user:<image><audio></s>"])
    assert prompt.media == ()
    assert max(prompt.token_ids) < processors[V10].config.audio_token_id


def test_a_checkpoint_without_spare_vocabulary_rows_is_refused():
    config = VITAConfig.from_checkpoint(checkpoint(V10))
    config.audio_token_id = 962
    with pytest.raises(CheckpointError, match="962 is a token"):
        Processor(config, load_tokenizer(checkpoint(V10)), checkpoint(V10))


def test_the_first_token_of_a_text_stands_once_and_only_where_there_is_one(processors):
    media = [sound("audio_1p3s")]
    assert processors[V10](["a", *media, "b"]).token_ids.count(1) == 1
    assert processors[V10](["a"]).token_ids[0] == 1
    assert processors[V15](media).token_ids[0] == processors[V15].config.audio_token_id


def test_state_tokens_are_looked_up_in_the_tokenizer(processors):
    assert list(state_token_ids(processors[V10].tokenizer, Family.VITA_1_0).values()) == [960, 961, 962]
    found = state_token_ids(processors[V15].tokenizer, Family.VITA_1_5)
    tokens = STATE_TOKENS[Family.VITA_1_5]
    assert {state: processors[V15].tokenizer.decode([token]) for state, token in found.items()} == {
        state: tokens.text(state) for state in State
    }


def test_a_tokenizer_of_another_family_has_no_state_tokens(processors):
    with pytest.raises(CheckpointError, match="☞"):
        state_token_ids(processors[V10].tokenizer, Family.VITA_1_5)


def test_family_comes_with_the_checkpoint(processors):
    assert [processor.family for processor in processors.values()] == [Family.VITA_1_0, Family.VITA_1_5]


def test_folder_without_tokenizer_is_a_checkpoint_error(tmp_path):
    with pytest.raises(CheckpointError, match="tokenizer"):
        load_tokenizer(tmp_path)


def test_features_do_not_depend_on_other_media(processors):
    alone = processors[V10].features(picture("img2")).values
    assert torch.equal(processors[V10]([picture("img1"), picture("img2")]).media_of_kind("image")[1], alone)
