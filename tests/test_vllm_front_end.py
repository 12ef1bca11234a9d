"""vLLM's front end with our checkpoints, as on a GPU: only the choice of its V2 model runner is made for it.

It is made once the configuration is there, which on a CPU would ask for Triton. ``test_vllm_runner_v2`` has the runner.
"""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import LlamaConfig

from tests.golden_data import V10, V15, checkpoint
from vita.vllm_plugin import register

# of torch, when vLLM imports it
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


@pytest.fixture
def gpu_config(monkeypatch):
    """A way to configure an engine for which vLLM then takes its V2 runner, as on a GPU."""

    def make_config(folder, **options):
        config = engine_config(folder, **options)
        monkeypatch.setattr(type(config), "use_v2_model_runner", True)
        return config

    return make_config


def engine_config(folder, **options):
    register()
    args = import_module("vllm.engine.arg_utils").EngineArgs(str(folder), dtype="float32", **options)
    return args.create_engine_config()


def validator(config):
    """What vLLM's front end asks about the parameters of each request."""
    front_end = import_module("vllm.v1.engine.input_processor").InputProcessor
    front_end = SimpleNamespace(
        vllm_config=config,
        model_config=config.model_config,
        build=front_end._build_logits_processors_params_validator,
    )
    return front_end.build(front_end)


def sampling(**extra):
    return import_module("vllm").SamplingParams(extra_args=extra)


@pytest.fixture(params=[V10, V15])
def config(request, gpu_config):
    return gpu_config(checkpoint(request.param))


def test_v2s_front_end_takes_our_processor_and_says_what_is_wrong_with_a_request(config):
    validate = validator(config)
    validate(sampling(first_token_ids=[1, 2]))
    with pytest.raises(import_module("vllm.exceptions").VLLMValidationError, match="must be a list of token ids"):
        validate(sampling(first_token_ids="1"))


def test_v2s_runner_builds_our_processor_and_no_other(config):
    build = import_module("vllm.v1.worker.gpu.sample.logits_processor").build_custom_logits_processors
    ids, lengths = SimpleNamespace(gpu=torch.zeros(2, 8, dtype=torch.int32)), SimpleNamespace(np=np.zeros(2, np.int32))
    state = SimpleNamespace(
        device=torch.device("cpu"), max_num_reqs=2, vocab_size=10, all_token_ids=ids, prompt_len=lengths
    )
    state.prefill_len = state.total_len = lengths
    (built,) = build(config, state, False, config.model_config.logits_processors)
    assert type(built).__name__ == "VITALogitsProcessor"
    assert not built.add_request(0, sampling())
    assert built.add_request(0, sampling(first_token_ids=[1]))


def test_v1s_runner_builds_it_too_and_is_told_to_wait_for_the_tokens_it_looks_at():
    config = engine_config(checkpoint(V15))
    v1 = import_module("vllm.v1.sample.logits_processor")
    custom = config.model_config.logits_processors
    built = v1.build_logitsprocs(config, torch.device("cpu"), False, False, custom)
    assert "VITALogitsProcessor" in [type(one).__name__ for one in built.non_argmax_invariant]
    assert bool(custom)  # from which V1's runner concludes logitsprocs_need_output_token_ids


def test_processors_that_a_user_names_stay_before_ours():
    theirs = "tests.test_vllm_front_end:nothing"
    processors = engine_config(checkpoint(V15), logits_processors=[theirs]).model_config.logits_processors
    assert processors == [theirs, "vita.vllm_plugin.logits_processor:VITALogitsProcessor"]


def test_speculative_decoding_is_refused_in_one_sentence():
    drafts = {"method": "ngram", "num_speculative_tokens": 2, "prompt_lookup_max": 2}
    with pytest.raises(ValueError, match=r"cannot use speculative decoding.* Leave out speculative_config"):
        engine_config(checkpoint(V15), speculative_config=drafts)


def test_another_model_beside_us_is_asked_nothing_by_v2s_front_end(gpu_config, tmp_path):
    LlamaConfig(
        architectures=["LlamaForCausalLM"], hidden_size=64, num_attention_heads=2, num_key_value_heads=2, vocab_size=128
    ).save_pretrained(tmp_path)
    config = gpu_config(tmp_path, skip_tokenizer_init=True)
    assert not config.model_config.logits_processors
    validator(config)(sampling(first_token_ids="whatever it means to others"))


@pytest.mark.parametrize("modality", ["image", "video", "audio"])
def test_the_inputs_that_a_gpus_memory_is_measured_with_are_the_largest_there_are(config, modality):
    registry = import_module("vllm.multimodal").MULTIMODAL_REGISTRY
    budget = import_module("vllm.multimodal.encoder_budget").MultiModalBudget(config, registry)
    items = budget.get_dummy_encoder_profile_inputs(modality, 1)
    (values,) = [field.data for field in items[0][1].values()]
    tokens = budget.mm_max_toks_per_item[modality]
    tower = import_module("vita.model.checkpoint_loading").load_model(checkpoint(config.model_config.hf_config.family))
    with torch.inference_mode():
        encoded = tower.audio_tower([values])[0] if modality == "audio" else tower.vision_tower(values).flatten(0, 1)
    assert len(encoded) == tokens
