"""axe-core in a page: what of it stands in the way of people who see, hear or move otherwise.

https://github.com/dequelabs/axe-core (MPL-2.0); its rules are WCAG 2.2 A and AA, contrast of at least 4.5 among them.
"""

from __future__ import annotations

from typing import Any

from tests.browser.serving import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = ("serious", "critical")


def accessibility_findings(page: Any, selector: str = "body") -> list[str]:
    """Serious and critical findings within ``selector``: a line for each element, with the rule and what is wrong."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found = page.evaluate("([selector, options]) => axe.run(selector, options)", [selector, options])
    return [
        f"{violation['id']} ({violation['impact']}): {' '.join(map(str, node['target']))} {node['html'][:160]} "
        f"{node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
