"""The page: flags -> Settings -> services -> tabs, in one process with one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
import uvicorn
from fastapi import FastAPI

from demos.page import build_page
from demos.services import Services
from demos.theme import CSS, SCRIPT, theme


def mount(app: FastAPI, services: Services) -> FastAPI:
    """Put the page at the root of ``app``."""
    page, i18n = build_page(services)
    return gr.mount_gradio_app(
        app, page, path="/", i18n=i18n, theme=theme(), css_paths=CSS, js=SCRIPT.read_text(), run_history=False,
        footer_links=["api", "gradio", "settings"], max_file_size=services.limits.video_bytes,
    )  # fmt: skip
