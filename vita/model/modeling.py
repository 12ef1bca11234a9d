"""VITA for transformers: towers in front of a causal language model. No files; ``checkpoint.load`` makes a trained one.

The same towers serve the vLLM plugin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, GenerationMixin, PreTrainedModel

from vita.model.configuration import VITAConfig
from vita.model.tower_registry import AUDIO, VISION, load_class, tower_part


def splice_media(embeddings: Tensor, token_ids: Tensor, placeholders: Sequence[int], media: Sequence[Tensor]) -> Tensor:
    """Put media in the places of their placeholders.

    Args:
        embeddings: [b, t, hidden], of the tokens.
        token_ids: [b, t].
        placeholders: ids, each of which stands for one embedding.
        media: embeddings [n_i, hidden] in the order of the prompts; the n_i add up to the places.

    Returns:
        [b, t, hidden].
    """
    places = torch.isin(token_ids, torch.tensor(placeholders, device=token_ids.device))
    values = torch.cat([*media, embeddings.new_zeros(0, embeddings.shape[-1])]).to(embeddings)
    if len(values) != int(places.sum()):
        raise ValueError(f"{int(places.sum())} places for tokens {placeholders}, but {len(values)} embeddings for them")
    return embeddings.masked_scatter(places[..., None], values)


class VITAForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """A language model that also sees and hears.

    Prompts come with one placeholder id for every embedding of a medium (``vita.model.processing``). Upstream searches
    for one placeholder a medium instead and feeds dummies where there is none; the embeddings are the same.
    """

    config_class = VITAConfig
    base_model_prefix = ""
    _supports_sdpa = True

    def __init__(self, config: VITAConfig) -> None:
        super().__init__(config)
        self.vision_tower = load_class(tower_part(VISION, config.vision_config.model_type).tower)(config)
        self.audio_tower = load_class(tower_part(AUDIO, config.audio_config.model_type).tower)(config)
        self.language_model = AutoModelForCausalLM.from_config(config.text_config, dtype=torch.get_default_dtype())
        self.post_init()

    def get_input_embeddings(self) -> Any:
        """The language model's."""
        return self.language_model.get_input_embeddings()

    def embed_pixels(self, pixels: Sequence[Tensor]) -> list[Tensor]:
        """Pixels of each image or clip [tiles_i, 3, S, S] -> [tiles_i * tokens, hidden]."""
        if not pixels:
            return []
        tokens = self.vision_tower(torch.cat(list(pixels)).to(self.dtype))
        return [medium.flatten(0, 1) for medium in tokens.split([len(medium) for medium in pixels])]

    def embed_sounds(self, sounds: Sequence[Tensor]) -> list[Tensor]:
        """Features of each sound [T_i, F] -> [n_i, hidden]."""
        return self.audio_tower(list(sounds)) if sounds else []

    def embed_inputs(
        self,
        input_ids: Tensor,
        images: Sequence[Tensor] = (),
        videos: Sequence[Tensor] = (),
        sounds: Sequence[Tensor] = (),
    ) -> Tensor:
        """Token ids [b, t] and the media of all prompts in order -> [b, t, hidden].

        Raises:
            ValueError: placeholders and media do not match.
        """
        x: Tensor = self.get_input_embeddings()(input_ids)
        x = splice_media(x, input_ids, [self.config.image_token_id], self.embed_pixels(images))
        x = splice_media(x, input_ids, [self.config.video_token_id], self.embed_pixels(videos))
        return splice_media(x, input_ids, self.config.sound_token_ids, self.embed_sounds(sounds))

    def forward(self, input_ids: Tensor | None = None, inputs_embeds: Tensor | None = None, **kwargs: Any) -> Any:
        """What the language model gives (logits [b, t, vocab], cache) for token ids or for embeddings of ``embed``.

        ``images``, ``videos`` and ``sounds`` go with the ids of a whole prompt.
        """
        media = {name: kwargs.pop(name) for name in ("images", "videos", "sounds") if name in kwargs}
        if inputs_embeds is None:
            assert input_ids is not None
            inputs_embeds = self.embed_inputs(input_ids, **media)
        return self.language_model(inputs_embeds=inputs_embeds, **kwargs)

    @torch.inference_mode()
    def generate_answer(
        self,
        input_ids: Tensor,
        images: Sequence[Tensor] = (),
        videos: Sequence[Tensor] = (),
        sounds: Sequence[Tensor] = (),
        **options: Any,
    ) -> Tensor:
        """Continue one prompt: ids [1, t] -> ids of the answer alone [1, n]; ``options`` are those of ``generate``."""
        embeddings = self.embed_inputs(input_ids, images, videos, sounds)
        mask = torch.ones_like(input_ids)
        answer: Tensor = self.language_model.generate(inputs_embeds=embeddings, attention_mask=mask, **options)
        return answer
