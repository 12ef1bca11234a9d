"""The transformers model against upstream's embeddings, logits and greedy continuations, in float32."""

import pytest
import torch

from tests.golden_data import V10, V15, arrays, checkpoint, close, media, pieces, values
from vita.model.checkpoint_loading import load_model
from vita.model.modeling import splice_media
from vita.model.processing import Processor

CASES = {  # upstream's name of the case: family, its prompt, media in order
    (V10, "text"): ("text", []),
    (V10, "text_zh"): ("text_zh", []),
    (V10, "image"): ("image", ["img1"]),
    (V10, "two_images"): ("two_images", ["img1", "img2"]),
    (V10, "video"): ("video", ["video"]),
    (V10, "audio"): ("audio", ["audio_3s"]),
    (V10, "image_audio"): ("image_audio", ["img3", "audio_3s"]),
    (V10, "video_audio"): ("video_audio", ["video", "audio_1p3s"]),
    (V10, "multi_turn_trimmed"): ("multi_turn", ["audio_3s", "audio_1p3s"]),
    (V10, "multi_turn_image"): ("multi_turn_image", ["img3", "audio_1p3s"]),
    (V15, "text"): ("text", []),
    (V15, "image"): ("image", ["img1"]),
    (V15, "video"): ("video", ["video"]),
    (V15, "audio"): ("audio", ["audio_3s"]),
    (V15, "image_audio"): ("image_audio", ["img3", "audio_3s"]),
    (V15, "multi_turn"): ("multi_turn", ["audio_3s", "audio_24k"]),
}
STEPS = 8  # greedy tokens that upstream stored


@pytest.fixture(scope="module")
def models():
    return {
        family: (load_model(checkpoint(family)), Processor.from_checkpoint(checkpoint(family))) for family in (V10, V15)
    }


@pytest.fixture(params=CASES, ids="-".join)
def case(request, models):
    family, name = request.param
    prompt, kinds = CASES[request.param]
    model, processor = models[family]
    inputs = processor(pieces(values(family, "prompts")[prompt]["prompt"], kinds))
    ids = torch.tensor([inputs.token_ids])
    given = {
        "images": inputs.media_of_kind("image"),
        "videos": inputs.media_of_kind("video"),
        "sounds": inputs.media_of_kind("audio"),
    }
    stored = {
        key.removeprefix(f"{name}__"): value
        for key, value in arrays(family, "llm").items()
        if key.startswith(f"{name}__")
    }
    return model, ids, given, stored, values(family, "llm")[name]


def test_embeddings_with_media_in_their_places_are_upstreams(case):
    model, ids, given, stored, expected = case
    with torch.inference_mode():
        embeddings = model.embed_inputs(ids, **given)[0]
    assert len(embeddings) == expected["n_embeds"]
    close(embeddings, stored["inputs_embeds"])


def test_logits_at_the_end_of_the_prompt_are_upstreams(case):
    model, ids, given, stored, _ = case
    with torch.inference_mode():
        logits = model(ids, **given).logits[0]
    if "last_logits" in stored:
        close(logits[-2:], stored["last_logits"])
    close(logits[-1], stored["gen_logits"][0])


def test_greedy_continuation_is_upstreams_token_for_token(case):
    model, ids, given, stored, expected = case
    options = {"do_sample": False, "max_new_tokens": STEPS, "output_logits": True, "return_dict_in_generate": True}
    answer = model.generate_answer(ids, **given, **options)
    assert answer.sequences[0].tolist() == expected["greedy_ids"]
    close(torch.cat(answer.logits), stored["gen_logits"])


def test_shorter_sound_of_a_conversation_keeps_no_padding(models):
    stored = arrays(V10, "llm")
    assert len(stored["multi_turn_hf10_padded__inputs_embeds"]) - len(stored["multi_turn_trimmed__inputs_embeds"]) == 21
    model, processor = models[V10]
    inputs = processor(pieces(values(V10, "prompts")["multi_turn"]["prompt"], ["audio_3s", "audio_1p3s"]))
    assert [len(sound) for sound in model.embed_sounds(inputs.media_of_kind("audio"))] == [37, 16]


def test_prompts_of_a_batch_are_embedded_as_upstreams(models):
    model, processor = models[V10]
    stored, config = arrays(V10, "batch_splice"), processor.config
    ours = {-200: [config.image_token_id] * 4, -500: [config.audio_token_id] * 37}  # upstream's: a tile, a sound
    rows = [[token for given in row.tolist() for token in ours.get(given, [given])] for row in stored["input_ids"]]
    sums = [row[mask] for row, mask in zip(stored["embeds_rowsum"], stored["attention_mask"], strict=True)]
    start = rows[1].index(config.audio_token_id)  # 13 rows of padding follow the sound there, as long as a dummy's
    sums[1] = torch.cat([sums[1][: start + 37], sums[1][start + 50 :]])
    ids = torch.tensor([(row + [0] * len(sums[0]))[: len(sums[0])] for row in rows])
    image, audio = (processor.features(medium).values for medium in media(["img1", "audio_3s"]))
    with torch.inference_mode():
        embeddings = model.embed_inputs(ids, images=[image], sounds=[audio])
    for mine, expected in zip(embeddings.sum(-1), sums, strict=True):
        close(mine[: len(expected)], expected)


def test_splice_refuses_media_that_do_not_fill_their_places():
    with pytest.raises(ValueError, match="2 places"):
        splice_media(torch.zeros(1, 3, 4), torch.tensor([[9, 9, 1]]), [9], [torch.ones(1, 4)])


def test_splice_fills_the_places_of_a_batch_in_order():
    ids = torch.tensor([[9, 1], [2, 9]])
    spliced = splice_media(torch.zeros(2, 2, 1), ids, [9], [torch.tensor([[1.0]]), torch.tensor([[2.0]])])
    assert spliced.flatten().tolist() == [1.0, 0.0, 0.0, 2.0]


def test_generate_of_transformers_takes_the_embeddings_too(models):
    model, processor = models[V15]
    inputs = processor(pieces(values(V15, "prompts")["audio"]["prompt"], ["audio_3s"]))
    embeddings = model.embed_inputs(torch.tensor([inputs.token_ids]), sounds=inputs.media_of_kind("audio"))
    answer = model.generate(inputs_embeds=embeddings, do_sample=False, max_new_tokens=STEPS)
    assert answer[0].tolist() == values(V15, "llm")["audio"]["greedy_ids"]
