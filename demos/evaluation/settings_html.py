"""Runs' settings as HTML: a line beside a run, and a table of several in which what differs stands first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from demos.i18n.translation import WORDS, Language, say_in
from evals.report.run_settings import SETTINGS

Settings = Mapping[str, str]


def setting_value(name: str, value: str, language: Language) -> str:
    """A setting's value in words; "" is the usual one."""
    words = WORDS[language]
    return words.get(f"setting.{name}.usual", "–") if not value else words.get(f"setting.{name}.{value}", value)


def settings_table(titles: Sequence[str], settings: Sequence[Settings], language: Language) -> str:
    """Every setting that is known of any run, a column a run."""
    known = [name for name in SETTINGS if any(name in each for each in settings)]
    differing = [name for name in known if len({each.get(name, "?") for each in settings}) > 1]
    alike = [name for name in known if name not in differing]
    parts = []
    if len(settings) > 1:
        parts.append(_group_html("settings.differ" if differing else "settings.alike.all", language, len(settings)))
    parts += [_setting_row(name, settings, language) for name in differing]
    if differing and alike:
        parts.append(_group_html("settings.alike", language, len(settings)))
    parts += [_setting_row(name, settings, language) for name in alike]
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    return (
        '<div class="ev-scroll" tabindex="0"><table class="ev-table ev-settings">'
        f"<thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{''.join(parts)}</tbody></table></div>"
    )


def _group_html(key: str, language: Language, count: int) -> str:
    return f'<tr class="ev-group"><th colspan="{count + 1}" scope="rowgroup">{escape(say_in(key, language))}</th></tr>'


def _setting_row(name: str, settings: Sequence[Settings], language: Language) -> str:
    cells = "".join(
        f"<td>{escape(setting_value(name, each[name], language) if name in each else '?')}</td>" for each in settings
    )
    return f'<tr><th scope="row">{escape(say_in(f"setting.{name}", language))}</th>{cells}</tr>'


def named_settings(settings: Settings, language: Language) -> dict[str, str]:
    """A run's settings by the names that people read, with values in words."""
    return {
        say_in(f"setting.{name}", language): setting_value(name, value, language) for name, value in settings.items()
    }
