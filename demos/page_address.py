"""What of the page stands in its address: scripts for Gradio's listeners that read and write it, see ``static/page``.

Gradio's listeners take a script as text; these only call the modules, which ``mount_page_scripts`` serves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

import gradio as gr
from fastapi import FastAPI

from demos.theme import STATIC
from demos.uncached_files import UncachedFiles

MOVED = "address-moved"  # class of the hidden buttons that main.js presses when Back or Forward has come


def mount_page_scripts(app: FastAPI) -> None:
    """Serve the page's modules at ``/page``."""
    app.mount("/page", UncachedFiles(directory=STATIC / "page"), name="page")


def moved_button() -> gr.Button:
    """A button that nobody sees, pressed whenever Back or Forward has brought another address."""
    return gr.Button(visible="hidden", elem_classes=MOVED)


def reading_script(singles: Sequence[str] = (), lists: Sequence[str] = ()) -> str:
    """For a listener whose first input is a ``gr.JSON``: it takes parameters of the address by name.

    Args:
        singles: parameters that come once; "" where they do not.
        lists: parameters that come several times.
    """
    one = f"{json.dumps(list(singles))}.map((name) => [name, address.read(name) ?? ''])"
    many = f"{json.dumps(list(lists))}.map((name) => [name, address.readAll(name)])"
    given = f"Object.fromEntries([...{one}, ...{many}])"
    return f"async (first, ...inputs) => {{ {_import('address')} return [{given}, ...inputs]; }}"


def writing_script(*names: str, usual: str = "", how: Literal["replace", "step", "fill"] = "replace") -> str:
    """For a listener whose inputs are the values of these parameters; names without an input are taken out.

    For what a person does: a listener of changes would also hear those that the address itself has made, and late.

    Args:
        usual: a value that is not worth naming.
        how: "step" makes a step that Back returns from, where the address named other values before; "fill" names
            what the address does not name yet.
    """
    value = f"values[place] === {json.dumps(usual)} ? null : values[place]"
    changes = f"Object.fromEntries({json.dumps(names)}.map((name, place) => [name, {value}]))"
    return f"async (...values) => {{ {_import('address')} address.write({changes}, '{how}'); return values; }}"


def wire_tabs(opened: Any, moved: Any, tabs: Sequence[gr.Tab]) -> None:
    """Open the tab that the address names; ``tabs.js`` names the ones that people open.

    Args:
        opened: event at which the page has opened; moved: at which Back or Forward has come.
        tabs: in their order, the first of them open at first; each id is the address's parameter, a dot and a name.
    """
    ids = [str(tab.id).split(".") for tab in tabs]
    given = f"{json.dumps(ids[0][0])}, {json.dumps([name for _, name in ids])}"
    for event, call in ((opened, "openLinkedTab"), (moved, "openAddressedTab")):
        event(None, None, None, js=f"async () => {{ {_import('tabs', call)} {call}({given}); }}")


def _import(module: str, name: str = "address") -> str:
    return f"const {{ {name} }} = await import(new URL('page/{module}.js', document.baseURI).href);"
