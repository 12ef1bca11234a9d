"""Files beside the code agree with it: pre-commit, workflow, citation, Dockerfile."""

from __future__ import annotations

import re
import tomllib

import yaml

from tests.test_packaging import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read_yaml(name: str) -> dict:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_pre_commit_runs_the_linter_that_make_lint_runs():
    hook = next(repo for repo in read_yaml(".pre-commit-config.yaml")["repos"] if "ruff" in repo["repo"])
    pinned = re.search(r"^ruff==(\S+)", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert hook["rev"] == f"v{pinned[1]}"


def test_the_workflow_runs_what_the_makefile_has_on_the_oldest_and_the_newest_python():
    job = read_yaml(".github/workflows/checks.yml")["jobs"]["unit"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert {"lint", "unit"} <= {word for command in commands if "make" in command for word in command.split()}
    assert {command.split()[1] for command in commands if command.startswith("make")} <= set(targets)
    oldest, newest = re.findall(r"3\.(\d+)", PROJECT["requires-python"])
    assert job["strategy"]["matrix"]["python"] == [f"3.{oldest}", f"3.{int(newest) - 1}"]


def test_the_citation_is_of_this_version():
    citation = read_yaml("CITATION.cff")
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]


def test_the_image_takes_the_systems_packages_from_the_set_up():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "setup.sh --packages" in text
    assert "apt-get" not in text
