"""Tensor names of published checkpoints and of our modules; the only table of both.

Three modules make up the model: ``vision_tower``, ``audio_tower`` and ``language_model``. Behind that prefix a name of
the language model stays as published, which is what transformers 4 and vLLM call it.
"""

from __future__ import annotations

PREFIXES: tuple[tuple[str, str], ...] = (  # published -> ours; the first that fits wins
    ("vision_tower.", "vision_tower."),
    ("audio_tower.", "audio_tower."),
    ("language_model.", "language_model."),
    ("model.vision_tower.vision_tower.encoder.layers.", "vision_tower.encoder.layers."),
    ("model.vision_tower.vision_tower.", "vision_tower.encoder."),
    ("model.mm_projector.", "vision_tower.projector."),
    ("model.audio_encoder.encoder.global_cmvn.", "audio_tower.cmvn."),
    ("model.audio_encoder.encoder.enc.0.core.", "audio_tower.encoder.subsampling."),
    ("model.audio_encoder.encoder.enc.1.encoders.", "audio_tower.encoder.layers."),
    ("model.audio_encoder.encoder.enc.1.", "audio_tower.encoder."),
    ("model.audio_encoder.adpter.conv1d2.", "audio_tower.adapter.conv."),  # upstream's spelling
    ("model.audio_encoder.adpter.bn2.", "audio_tower.adapter.norm."),  # a LayerNorm
    ("model.audio_encoder.adpter.project.", "audio_tower.adapter.project."),
    ("model.audio_encoder.", "audio_tower."),  # of the embedded checkpoint, which has no adapter
    ("model.", "language_model.model."),
    ("lm_head.", "language_model.lm_head."),
)
HARMLESS = (  # endings of names that other versions saved and that nothing reads
    "rotary_emb.inv_freq",  # a table that follows from the configuration
    "audio_encoder.prompt_embeddings.weight",  # used only with audio_prompt_finetune
    "predictor_head.weight",  # of a training option that is off in every published model
    "predictor_head.bias",
)


def our_tensor_name(name: str) -> str:
    """A published name as our modules have it; a name that is in no table comes back as it is."""
    for published, prefix in PREFIXES:
        if name.startswith(published):
            return prefix + name.removeprefix(published)
    return name


def is_harmless(name: str) -> bool:
    """Whether a checkpoint may hold that tensor though no module wants it."""
    return name.endswith(HARMLESS)
