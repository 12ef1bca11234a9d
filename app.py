"""The page: flags -> Settings -> services -> tabs, in one process with one event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import cast

import gradio as gr
import uvicorn
from fastapi import FastAPI

from demos.early_scripts import mount_early_scripts
from demos.evaluation_gate import EvaluationGate, Who
from demos.heard_sounds import mount_heard_sounds
from demos.i18n.translation import Language
from demos.keeping.keeping_routes import mount_keeping
from demos.page import build_page
from demos.page_address import mount_page_scripts
from demos.services import Services
from demos.stream_relay.relay_mount import mount_relay
from demos.talk.persona_files import PersonaFile, load_personas
from demos.talk.talk_tab import mount_talk
from demos.theme import CSS, ICON, page_script, page_theme
from demos.visitor_language import VisitorLanguage
from vita.engine.engine_pool import EnginePool
from vita.engine.transcription import build_transcriber
from vita.errors import SettingsError
from vita.media import warm_decoders
from vita.realtime.session_manager import SessionManager, build_session_manager
from vita.settings import Settings

logger = logging.getLogger("app")

GRACE = 2  # seconds that open connections get when the server ends


def mount_page(
    app: FastAPI, services: Services, talk: SessionManager, personas: Sequence[PersonaFile] | None = None
) -> FastAPI:
    """Put the page at the root of ``app``, and beside it what its tab Talk speaks to; None for our own personas."""
    mount_talk(app, services, talk, load_personas("") if personas is None else personas)
    mount_keeping(app, services)
    mount_page_scripts(app)
    page, i18n = build_page(services)
    mount_early_scripts(app, services)
    mount_heard_sounds(app, services.limits)
    mount_relay(app, page)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page,
        path="/",
        i18n=i18n,
        theme=page_theme(),
        css_paths=CSS,
        js=page_script(),
        favicon_path=ICON,
        run_history=False,
        footer_links=["api", "gradio"],
        max_file_size=services.limits.video_bytes,
    )
    app.add_middleware(VisitorLanguage, default=services.language)  # the last one added is asked first
    return mounted


@asynccontextmanager
async def engine_lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the engines while the page is already served."""
    services: Services = app.state.services
    sessions: SessionManager = app.state.talk
    warm_decoders()
    sessions.start_services()
    task = asyncio.create_task(services.start(partial(fill_pool, settings=app.state.settings)), name="load engines")
    yield
    task.cancel()
    await sessions.close()
    await services.close()


def fill_pool(pool: EnginePool, settings: Settings) -> None:
    """Add the engines, imported late and in a thread: torch and the rest take longer than the page."""
    from vita.engine import engine_factory

    engine_factory.fill_pool(pool, settings)


def create_app(settings: Settings) -> FastAPI:
    """The whole application, engines not loading yet.

    Raises:
        SettingsError: a persona file that cannot be used.
    """
    languages: dict[str, Language] = {"en": "en", "zh": "zh"}
    app = FastAPI(lifespan=engine_lifespan)
    app.state.settings = settings
    transcribe = build_transcriber(settings)
    services = Services(
        model=settings.model, language=languages.get(settings.language),
        results=Path(settings.results), local=not settings.remotes, remotes=settings.remotes,
        gate=EvaluationGate(cast(Who, settings.evaluate), settings.evaluate_password), transcribe=transcribe,
    )  # fmt: skip
    app.state.services, app.state.talk = (
        services,
        build_session_manager(services.pool, settings.model, transcribe),
    )
    return mount_page(app, services, app.state.talk, load_personas(settings.personas))


def main() -> None:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = Settings.from_args(sys.argv[1:], os.environ)
        app = create_app(settings)
    except SettingsError as error:
        sys.exit(f"app.py: {error}")
    logger.info("The page opens at http://%s:%d", settings.host, settings.port)
    # not uvloop, which uvicorn would take: it has no Unix datagrams, by which engines tell their progress
    # sansio: the other implementation over this package is deprecated and warns of it
    # an open page never ends its stream of events by itself: without a limit a server told to end would wait for it
    uvicorn.run(
        app, host=settings.host, port=settings.port, log_level="warning", loop="asyncio", ws="websockets-sansio",
        timeout_graceful_shutdown=GRACE,
    )  # fmt: skip


if __name__ == "__main__":
    main()
