"""What a vLLM process knows once the plugin is loaded."""

import json
from importlib import import_module
from shutil import copytree
from types import SimpleNamespace

import pytest

from tests.golden_data import V10, V15, checkpoint
from tests.layouts import demo_checkpoint
from vita.model.configuration import VITAConfig
from vita.model.tower_configs import UPSTREAM_MODEL_TYPES
from vita.vllm_plugin import ARCHITECTURES, MODE, register

# of torch, when vLLM imports it
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_plugin_is_found_by_its_entry_point_and_gives_other_models_no_logits_processor():
    from importlib.metadata import entry_points

    assert "vita.vllm_plugin:register" in {point.value for point in entry_points(group="vllm.general_plugins")}
    ours = [point.value for point in entry_points(group="vllm.logits_processors") if point.value.startswith("vita")]
    assert not ours


def test_our_and_upstreams_architectures_are_registered_however_often_it_is_called():
    register()
    register()
    registry = import_module("vllm").ModelRegistry
    assert set(ARCHITECTURES) <= set(registry.get_supported_archs())


def test_chats_and_videos_have_our_readers():
    register()
    renderer = import_module("vllm.renderers.registry").RENDERER_REGISTRY.load_renderer_cls(MODE)
    loader = import_module("vllm.multimodal.video").VIDEO_LOADER_REGISTRY.load(MODE)
    assert renderer.__name__ == "VITARenderer"
    assert type(loader).__name__ == "VITAVideoLoader"


@pytest.mark.parametrize("family", [V10, V15])
def test_vllm_reads_the_published_configuration(family):
    register()
    config = import_module("vllm.transformers_utils.config").get_config(checkpoint(family), trust_remote_code=False)
    assert isinstance(config, VITAConfig)
    assert config.family == family
    assert config.architectures == ["VITAForConditionalGeneration"]


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("family", [V10, V15])
def test_vllm_reads_the_folder_of_upstreams_demo_and_runs_no_code_from_it(family, trusted, tmp_path):
    register()
    folder = demo_checkpoint(family, tmp_path / "demo_VITA_ckpt")
    get_config = import_module("vllm.transformers_utils.config").get_config
    config = get_config(folder, trust_remote_code=trusted)
    published = get_config(checkpoint(family), trust_remote_code=False)
    config.text_config.use_cache = published.text_config.use_cache  # nothing reads it
    assert config.architectures == ["VITAForConditionalGeneration"]
    assert config.to_dict() == {**published.to_dict(), "_name_or_path": str(folder)}


@pytest.mark.parametrize("architecture", UPSTREAM_MODEL_TYPES)
def test_vllm_knows_every_architecture_of_upstreams_without_its_model_type(architecture, tmp_path):
    register()
    family = V10 if "Mixtral" in architecture else V15
    folder = copytree(checkpoint(family), tmp_path / "ckpt")
    written = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**written, "model_type": None, "architectures": [architecture]}))
    config = import_module("vllm.transformers_utils.config").get_config(folder, trust_remote_code=False)
    assert (type(config), config.family) == (VITAConfig, family)


def test_upstreams_architectures_are_those_that_its_files_use():
    assert set(ARCHITECTURES) == {"VITAForConditionalGeneration", *UPSTREAM_MODEL_TYPES}


@pytest.mark.parametrize(
    ("asked", "chosen"), [("auto", "vita.vllm_plugin.cpu_worker.VITAWorker"), ("theirs.Worker", "theirs.Worker")]
)
def test_on_a_cpu_our_worker_computes_unless_another_is_asked_for(asked, chosen):
    defaults = import_module("vita.vllm_plugin.config_defaults").VITADefaults
    parallel = SimpleNamespace(worker_cls=asked)
    defaults.verify_and_update_config(SimpleNamespace(parallel_config=parallel, speculative_config=None))
    assert parallel.worker_cls == (chosen if import_module("vllm.platforms").current_platform.is_cpu() else asked)
