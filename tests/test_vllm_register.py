"""What a vLLM process knows once the plugin is loaded."""

from importlib import import_module
from types import SimpleNamespace

import pytest

from tests.golden_data import V10, V15, checkpoint
from vita.model.configuration import VITAConfig
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


def test_vllm_reads_the_configuration_of_upstreams_demo(tmp_path):
    register()
    for file in checkpoint(V10).iterdir():
        if file.name != "config.json":
            (tmp_path / file.name).symlink_to(file)
    (tmp_path / "config.json").write_bytes((checkpoint(V10) / "demo_files" / "config.json").read_bytes())
    get_config = import_module("vllm.transformers_utils.config").get_config
    config, published = (get_config(folder, trust_remote_code=False) for folder in (tmp_path, checkpoint(V10)))
    assert config.image_token_id == published.image_token_id
    assert config.vision_config.to_dict() == published.vision_config.to_dict()
    assert config.audio_config.to_dict() == published.audio_config.to_dict()


@pytest.mark.parametrize(
    ("asked", "chosen"), [("auto", "vita.vllm_plugin.cpu_worker.VITAWorker"), ("theirs.Worker", "theirs.Worker")]
)
def test_on_a_cpu_our_worker_computes_unless_another_is_asked_for(asked, chosen):
    defaults = import_module("vita.vllm_plugin.config_defaults").VITADefaults
    parallel = SimpleNamespace(worker_cls=asked)
    defaults.verify_and_update_config(SimpleNamespace(parallel_config=parallel, speculative_config=None))
    assert parallel.worker_cls == (chosen if import_module("vllm.platforms").current_platform.is_cpu() else asked)
