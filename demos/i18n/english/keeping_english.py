"""What the page says of conversations that the browser keeps, and of a visitor's choices, in English."""

from __future__ import annotations

KEEPING_ENGLISH: dict[str, str] = {
    "kept.title": "Conversations",
    "kept.new": "New conversation",
    "kept.search": "Search in all conversations",
    "kept.none": (
        "No conversation yet. Ask something: it is kept in this browser; the server forgets it, and its files, "
        "within a day or two."
    ),
    "kept.unfound": "No conversation has these words.",
    "kept.list": "Your conversations",
    "kept.close": "Close",
    "kept.rename": "Rename",
    "kept.name": "Name of the conversation",
    "kept.delete": "Delete",
    "kept.deleted": "“{name}” is deleted.",
    "kept.undo": "Undo",
    "kept.more": "More for “{name}”",
    "kept.markdown": "Save as Markdown",
    "kept.json": "Save as JSON with media",
    "kept.html": "Save as a page with media",
    "kept.import": "Open a saved file…",
    "kept.import.large": "The file has {size} and at most {most} are allowed; choose a smaller one.",
    "kept.import.unread": "This file is no conversation that was saved here as JSON; choose another one.",
    "kept.usage": "{used} of {quota} are used in this browser.",
    "kept.here": (
        "Conversations are kept in this browser; the server forgets them, and their files, within a day or two."
    ),
    "kept.nothing": (
        "This browser keeps nothing, as in a private window: conversations are gone once the page is closed."
    ),
    "kept.elsewhere": "The conversation of this link is kept in another browser; a link does not carry it.",
    "kept.full": "The browser's storage is full: media of this conversation are not kept.",
    "kept.free": "Delete the oldest media ({size})",
    "kept.freed": "{size} are free again.",
    "kept.lost": "{name} is not there any more.",
    "kept.turns": "{count} questions",
    "kept.turn": "1 question",
    "kept.you": "You",
    "kept.vita": "VITA",
    "kept.stopped": "stopped",
    "kept.noise": "not addressed to VITA",
    "choice.language": "Language",
    "choice.theme": "Theme: {theme}",
    "choice.system": "as the system",
    "choice.light": "light",
    "choice.dark": "dark",
}
