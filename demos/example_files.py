"""The files that the page offers to try it with; their licences are beside them."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parent / "examples"
