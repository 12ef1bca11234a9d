"""What an installation that is no checkout of the repository gets."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("vita", "evals", "demos", "recipes")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    code = f"from setuptools import build_meta; print(build_meta.build_wheel({str(out)!r}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
    return out / run.stdout.splitlines()[-1]


def test_wheel_has_every_file_of_the_packages_weights_and_pages_among_them(wheel):
    files = {str(file.relative_to(ROOT)) for name in PACKAGES for file in (ROOT / name).rglob("*") if file.is_file()}
    needed = {file for file in files if "__pycache__" not in file}
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {"vita/nano/weights/states.safetensors", "demos/static/page.js", "evals/bundled/gsm8k.jsonl"} <= needed
    assert not needed - packed
    assert not [file for file in packed if file.endswith(".pyc")]


def test_wheel_registers_the_plugin_and_no_logits_processor_of_every_model(wheel):
    archive = zipfile.ZipFile(wheel)
    entries = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
    text = archive.read(entries).decode()
    assert "vita = vita.vllm_plugin:register" in text
    assert "logits_processors" not in text
