"""How the page looks: a Gradio theme with system fonts, a little CSS, a little script for the keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr

from demos.i18n.chinese.gradio_chinese import NAMES_CHINESE, OWN_NAMES_CHINESE, PREFIXES_CHINESE

STATIC = Path(__file__).parent / "static"
ICON = STATIC / "icon.svg"
CSS = sorted(STATIC.glob("*.css"))  # page.css, and one of each tab that needs its own

_IRIS = gr.themes.Color(
    name="iris",
    c50="#f3f3fe",
    c100="#e8e8fd",
    c200="#d3d2fb",
    c300="#b3b1f6",
    c400="#908cee",
    c500="#716be4",
    c600="#5b52d6",
    c700="#4c42b8",
    c800="#3f3894",
    c900="#363275",
    c950="#211d47",
)


def page_script() -> str:
    """What the page runs in the browser."""
    names = NAMES_CHINESE | OWN_NAMES_CHINESE
    given = json.dumps({"names": names, "prefixes": PREFIXES_CHINESE}, ensure_ascii=False)
    return f"() => ({(STATIC / 'page.js').read_text().strip()})({given})"


def page_theme() -> gr.themes.Base:
    """The page's theme; no web fonts, so nothing is loaded from other servers."""
    base = gr.themes.Base(
        primary_hue=_IRIS,
        neutral_hue=gr.themes.colors.slate,
        spacing_size=gr.themes.sizes.spacing_md,
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_md,
        font=["ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"],
        font_mono=["ui-monospace", "SF Mono", "Menlo", "Consolas", "monospace"],
    )
    return base.set(
        body_text_color="*neutral_900",
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_shadow="none",
        block_label_text_color="*neutral_600",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_text_color="white",
        button_secondary_background_fill="white",
        button_secondary_background_fill_dark="*neutral_900",
        button_secondary_background_fill_hover="*primary_50",
        button_secondary_background_fill_hover_dark="*neutral_800",
        button_secondary_border_color="*neutral_200",
        button_secondary_border_color_dark="*neutral_700",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_border_width="1px",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
        input_border_color_focus="*primary_400",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        slider_color="*primary_600",
    )
