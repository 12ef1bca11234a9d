"""What is set before torch is there to read it."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import importlib.abc, os, sys
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"), os.environ.get("KMP_BLOCKTIME"))
sys.meta_path.insert(0, Watch())
from vita.engine.engine_factory import build_pool
from vita.settings import Settings
build_pool(Settings())
"""


def policy_at_torch(**environ: str) -> str:
    """The policy of waiting threads at the moment when a server's process imports torch."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "KMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=clean | environ, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_threads_of_the_servers_own_process_sleep_while_they_wait_unless_the_user_wants_otherwise():
    assert policy_at_torch() == "PASSIVE 0"
    assert policy_at_torch(OMP_WAIT_POLICY="ACTIVE") == "ACTIVE 0"
