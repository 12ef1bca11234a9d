"""The golden checkpoints in other layouts: upstream's demo folder, and the Hub's cache."""

import os
import shutil

from tests.golden_data import checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REMOTE_CODE = 'raise RuntimeError("code beside a checkpoint must not run")\n'


def demo_checkpoint(family, folder):
    """What upstream's README makes of a checkpoint: config.json renamed, the demo's files copied over the rest."""
    shutil.copytree(checkpoint(family), folder)
    (folder / "config.json").rename(folder / "origin_config.json")
    shutil.copytree(folder / "demo_files", folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "demo_files")
    for name in ("qwen2_multimodal", "mixtral_multimodal", "intern_vit", "whale"):
        (folder / f"configuration_{name}.py").write_text(REMOTE_CODE)
    return folder


def cached_on_this_machine(home, name, folder):
    """The environment of a process that finds ``folder`` in the cache below ``home`` and never asks the Hub."""
    repository = home / "hub" / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    for file in filter(os.path.isfile, folder.rglob("*")):
        place = repository / "snapshots" / COMMIT / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file)
    return {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1"}
