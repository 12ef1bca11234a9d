"""Runs the scripts of the tab Talk without a page, in the Node that Playwright brings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import playwright

from demos.theme import STATIC

NODE = Path(playwright.__file__).parent / "driver" / "node"
MODULES = {
    "resample": "Resampler",
    "player": "Player, RATE",
    "pcm": "toBase64, fromBase64, joined, toWav",
    "log": "parseLog, withoutMedia",
    "story": "Story, percentile",
    "heard": "heardAndNot",
    "past": "pastEvents",
    "captions": "captions, subtitles, transcriptText",
    "shown_phase": "shownPhase",
    "unconfirmed_events": "UnconfirmedEvents",
    "waterfall": "byQuestion, milestones, summary",
    "recording": "Recording",
    "error_words": "errorWords",
    "watch": "WatchCard",
    "archive": "Archive",
    "keeper": "Keeper",
    "wire": "Wire",
    "../page/query": "changedQuery",
    "../page/kept_history": "bytesText, changedConversation, fileName, isFound, nameOf, oldestHalf",
    "../page/conversation_files": "jsonText, markdownText, pageText, safeName",
    "../page/conversation_import": "savedConversation",
    "../page/kept_store": "KeptStore",
    "../page/random_id": "randomId",
    "../page/shown_conversations": "ShownConversations",
    "../page/visitor_choices": "chosenLanguage",
}


def script(body: str, **values: Any) -> Any:
    """What ``body`` returns, with all the modules' names and ``values`` in its scope."""
    imports = "".join(
        f'import {{ {names} }} from "{(STATIC / "talk" / f"{name}.js").as_uri()}";\n' for name, names in MODULES.items()
    )
    constants = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items())
    code = f"{imports}{constants}const result = await (async () => {{ {body} }})();\n"
    code += "console.log(JSON.stringify(result));"
    command = [NODE, "--input-type=module", "-"]  # by stdin: an argument has at most 128 KiB
    done = subprocess.run(command, input=code, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
