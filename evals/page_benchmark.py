"""How soon the page can be used: a browser opens it while its engines load, as a visitor of a sleeping Space does.

Needs the development requirements (Playwright) and a Chromium. The page is a server of its own, started as a newcomer
starts it; nothing of it is imported here.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from vita.errors import SettingsError

VISITS = 5  # each with nothing in the browser's cache
PATIENCE = 60.0  # seconds for the server to answer, and for a page to become usable
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
BOX, ENGINE = ".box textarea", ".engine.loading, .engine.waiting, .engine.ready"


async def measure_page(model: str) -> dict[str, Any]:
    """Seconds from opening the address until a question can be typed and the engines' progress stands there.

    Returns:
        ``page_interactive_s``, the median of VISITS; ``page_visits_s``; how many of them ended before an engine was
        ready; ``page_bytes`` over the wire in the first.

    Raises:
        SettingsError: Playwright or a browser is not installed.
    """
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise SettingsError("The page is opened with Playwright: run ./setup.sh --dev first.") from error
    browser_path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser_path is None:
        raise SettingsError("No Chromium is installed; on Debian: apt-get install chromium.")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        async with _page_server(model) as address:
            visits = [await _visit_page(browser, address) for _ in range(VISITS)]
        await browser.close()
    return {
        "page_interactive_s": statistics.median(visit["seconds"] for visit in visits),
        "page_visits_s": [visit["seconds"] for visit in visits],
        "page_visits_while_loading": sum(visit["loading"] for visit in visits),
        "page_bytes": visits[0]["bytes"],
    }


async def _visit_page(browser: Any, address: str) -> dict[str, Any]:
    """One visit in a fresh profile, which holds nothing of an earlier one."""
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    received = 0

    def count_bytes(event: dict[str, Any]) -> None:
        nonlocal received
        received += event["encodedDataLength"]

    network = await context.new_cdp_session(page)
    await network.send("Network.enable")
    network.on("Network.dataReceived", count_bytes)
    begun = time.monotonic()
    await page.goto(address, wait_until="commit")
    await page.locator(BOX).first.wait_for(timeout=1000 * PATIENCE)
    await page.locator(ENGINE).first.wait_for(timeout=1000 * PATIENCE)
    await page.locator(BOX).first.fill("typed")
    seconds = time.monotonic() - begun
    loading = await page.locator(".engine.ready").count() == 0
    await context.close()
    return {"seconds": seconds, "loading": loading, "bytes": received}


@asynccontextmanager
async def _page_server(model: str) -> AsyncIterator[str]:
    """``app.py`` as a process of its own, from its first answer until its end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    application = Path(__file__).parents[1] / "app.py"
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(application), "--model", model, "--port", str(port), stdout=log, stderr=log
        )
        try:
            await asyncio.wait_for(_wait_for_answer(address, process), PATIENCE)
            yield address
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _wait_for_answer(address: str, process: asyncio.subprocess.Process) -> None:
    while True:
        if process.returncode is not None:
            raise SettingsError("The page's server ended before it answered: start app.py to see why.")
        try:
            (await asyncio.to_thread(urllib.request.urlopen, address, timeout=5)).close()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
