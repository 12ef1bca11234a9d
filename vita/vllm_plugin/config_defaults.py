"""What vLLM's configuration must say for a VITA checkpoint, so that nobody has to pass flags."""

from __future__ import annotations

from vllm.config import ModelConfig, VllmConfig
from vllm.model_executor.models.config import VerifyAndUpdateConfig
from vllm.platforms import current_platform

from vita.vllm_plugin import MODE

WORKER = "vita.vllm_plugin.cpu_worker.VITAWorker"
LOGITS_PROCESSOR = "vita.vllm_plugin.logits_processor:VITALogitsProcessor"
FRAMES = 16  # of one video in a chat, at most; upstream's demos, media_io_kwargs change it


class VITADefaults(VerifyAndUpdateConfig):
    """vLLM's seam for settings that follow from the architecture."""

    @staticmethod
    def verify_and_update_model_config(model_config: ModelConfig) -> None:
        """Render chats, sample videos and choose tokens our way; on a CPU measure no memory with the largest inputs.

        That measurement serves to size the KV cache of a GPU. On a CPU the size is given, and the largest images
        of a full batch would only delay the start by minutes. A processor that is named in the configuration, and is
        no entry point of all models, also makes vLLM's V1 runner wait for the tokens that processors look at.
        """
        if model_config.tokenizer_mode == "auto":
            model_config.tokenizer_mode = MODE
        processors = model_config.logits_processors or []
        if model_config.runner_type == "generate" and LOGITS_PROCESSOR not in processors:
            model_config.logits_processors = [*processors, LOGITS_PROCESSOR]
        multimodal = model_config.multimodal_config
        video = multimodal.media_io_kwargs.setdefault("video", {})
        video.setdefault("video_backend", MODE)
        video.setdefault("num_frames", FRAMES)
        if current_platform.is_cpu():
            multimodal.skip_mm_profiling = True

    @staticmethod
    def verify_and_update_config(vllm_config: VllmConfig) -> None:
        """On a CPU compute as ``vita.vllm_plugin.cpu_worker`` does.

        Raises:
            ValueError: speculative decoding is asked for; drafts are accepted without the rules of an answer.
        """
        if vllm_config.speculative_config is not None:
            raise ValueError(
                "VITA checkpoints cannot use speculative decoding: the state token of an answer would not be held to. "
                "Leave out speculative_config (--speculative-config)."
            )
        parallel = vllm_config.parallel_config
        if current_platform.is_cpu() and parallel.worker_cls == "auto":
            parallel.worker_cls = WORKER
