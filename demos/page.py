"""The frame around the tabs: header, the engines' progress, and the list of tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from demos.ability.ask_endpoints import build_endpoints
from demos.ability.audio_tab import build_audio_tab
from demos.ability.chat_tab import QUIET
from demos.ability.conversation_keeper import ChatFields, build_keeper, opened_script, start_script
from demos.ability.image_tab import build_image_tab
from demos.ability.video_tab import build_video_tab
from demos.evaluation.evaluate_tab import build_evaluation_tab
from demos.i18n.translation import words_table
from demos.page_address import moved_button, wire_tabs
from demos.page_html import engine_strip_html
from demos.services import Services
from demos.talk.talk_tab import build_talk_tab
from vita.engine.engine_protocol import Stage

TABS: tuple[tuple[str, Callable[[Services, gr.I18n], ChatFields | None]], ...] = (
    ("tab.image", build_image_tab),
    ("tab.video", build_video_tab),
    ("tab.audio", build_audio_tab),
    ("tab.talk", build_talk_tab),
    ("tab.evaluate", build_evaluation_tab),
)
TOOLS = '<div class="page-tools"></div>'  # filled by static/page/header_tools.js
UPLOADS = (3600, 24 * 3600)  # seconds between two looks for old files of visitors, and how old they get
SESSIONS = 500  # pages whose state is kept, the least recently used go; each page that was ever opened is one
FAST, SLOW = 1.0, 5.0  # seconds between two looks at the engines, while they load and after


def build_page(services: Services) -> tuple[gr.Blocks, gr.I18n]:
    """All tabs in their frame, and the words to mount them with."""
    i18n = page_labels()
    with gr.Blocks(title="VITA Playground", analytics_enabled=False, delete_cache=UPLOADS) as page:
        with gr.Row(elem_classes="head"):
            with gr.Column(scale=4, min_width=300):
                gr.Markdown(i18n("tagline"), elem_classes="brand")
            with gr.Column(scale=5, min_width=300):
                engines = gr.HTML(padding=False)
            gr.HTML(TOOLS, padding=False, elem_classes="tools", apply_default_css=False)
        tabs: list[gr.Tab] = []
        chats: list[ChatFields] = []
        with gr.Tabs():
            for label, build in TABS:
                with gr.Tab(i18n(label), id=label) as tab:
                    chat = build(services, i18n)
                if chat:
                    chats.append(chat)
                tabs.append(tab)
        wire_tabs(page.load, moved_button().click, tabs)
        build_keeper(services, chats)
        for tab in tabs:
            tab.select(None, None, None, js=opened_script(str(tab.id).removeprefix("tab.")))
        build_endpoints(services)
        progress = EngineStrip(services)
        timer = gr.Timer(FAST)
        page.load(None, None, None, js=start_script())
        page.load(progress.refresh_strip, None, [engines, timer], queue=False, **QUIET)
        timer.tick(progress.refresh_strip, None, [engines, timer], queue=False, **QUIET)
        page.unload(progress.leave_page)
    page.state_session_capacity = SESSIONS
    for part in page.blocks.values():
        part.keep_in_cache |= part.temp_files  # the page's own pictures by now, which must not grow old
    return page, i18n


def page_labels() -> gr.I18n:
    """The labels in both languages; the browser takes those of the language that it follows."""
    english, chinese = words_table("en"), words_table("zh")
    return gr.I18n(en=english, zh=chinese, **{"zh-CN": chinese, "zh-TW": chinese})


class EngineStrip:
    """What the page does by itself, unasked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def refresh_strip(self, request: gr.Request) -> tuple[Any, Any]:
        """The engines' strip, and how soon to look again."""
        self._services.seen.set()
        statuses = self._services.statuses()
        settled = all(status.stage is Stage.READY for status in statuses)
        language = self._services.language_of(request.headers.get("accept-language"))
        limited = self._services.english_only()
        return engine_strip_html(statuses, self._services.model, language, limited), gr.Timer(SLOW if settled else FAST)

    async def leave_page(self, request: gr.Request) -> None:
        """A closed tab ends its answers."""
        await self._services.drop(f"{request.session_hash}:")
