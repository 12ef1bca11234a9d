"""The vLLM plugin: every vLLM process calls ``register`` through the entry point vllm.general_plugins."""

from __future__ import annotations

MODEL = "vita.vllm_plugin.vllm_model:VITAForConditionalGeneration"
ARCHITECTURES = (  # ours first, then upstream's names
    "VITAForConditionalGeneration",
    "VITAMixtralForCausalLM",
    "VITAQwen2ForCausalLM",
    "VITAFOQwen2ForCausalLM",
    "MixtralForConditionalGeneration",
    "Qwen2ForConditionalGeneration",
)
MODE = "vita"  # names our renderer of chats (vLLM's tokenizer_mode) and our readers of media


def register() -> None:
    """Teach this vLLM process the VITA architectures, and to end with the program that started it.

    Called once or more in every process; imports no model.
    """
    from vllm import ModelRegistry
    from vllm.model_executor.models.config import MODELS_CONFIG_MAP
    from vllm.multimodal.media import MEDIA_CONNECTOR_REGISTRY
    from vllm.multimodal.video import VIDEO_LOADER_REGISTRY
    from vllm.renderers.registry import RENDERER_REGISTRY
    from vllm.tokenizers.registry import TokenizerRegistry
    from vllm.transformers_utils.config import _ARCHITECTURE_TO_MODEL_TYPE

    import vita.model.configuration  # noqa: F401 - its import teaches AutoConfig our model types
    from vita.model.tower_configs import UPSTREAM_MODEL_TYPES
    from vita.vllm_plugin.config_defaults import VITADefaults
    from vita.vllm_plugin.media_connector import VITAMediaConnector
    from vita.vllm_plugin.parent_watch import end_with_parent
    from vita.vllm_plugin.video_loader import VITAVideoLoader

    end_with_parent()
    for architecture in ARCHITECTURES:
        ModelRegistry.register_model(architecture, MODEL)
        MODELS_CONFIG_MAP[architecture] = VITADefaults
    _ARCHITECTURE_TO_MODEL_TYPE.update(UPSTREAM_MODEL_TYPES)  # or a config.json without model_type needs remote code
    VIDEO_LOADER_REGISTRY.register(MODE)(VITAVideoLoader)
    MEDIA_CONNECTOR_REGISTRY.register(MODE)(VITAMediaConnector)
    if MODE not in RENDERER_REGISTRY.renderers:
        RENDERER_REGISTRY.register(MODE, "vita.vllm_plugin.chat_renderer", "VITARenderer")
        TokenizerRegistry.register(MODE, "vita.vllm_plugin.vita_tokenizer", "VITATokenizer")
