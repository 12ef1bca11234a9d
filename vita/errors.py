"""Every error that this project raises on purpose.

VitaError
├── SettingsError            a flag or an environment variable that cannot be right
├── InputError               what a visitor gave us; the message is one sentence that says what to do
│   ├── MediaError           a file that cannot be read as what it should be
│   ├── LimitError           a file or a request that is larger than allowed
│   └── PromptTooLongError   a conversation that does not fit the model's context
├── CheckpointError          a checkpoint that is absent, incomplete or of another shape
└── EngineError              an engine could not do its work
    ├── EngineNotReadyError  it is still loading
    └── EngineDeadError      its process is gone; only a restart helps
"""

from __future__ import annotations


class VitaError(Exception):
    """The root of the tree. ``str(error)`` is fit to be shown to a person who reads English.

    What a visitor may see is raised as a template and what fills it, so that the page can say it in another language:
    ``MediaError("The {kind} is damaged.", kind="image")``. A sentence without values is taken as it is.

    Attributes:
        template: the sentence, its values as names in braces.
        values: what fills it.
    """

    def __init__(self, template: str = "", /, **values: object) -> None:
        self.template, self.values = template, values
        super().__init__(template.format(**values).strip() if values else template)


class SettingsError(VitaError):
    """A flag or an environment variable that cannot be right."""


class InputError(VitaError):
    """What a visitor gave us cannot be used; the message says in one sentence what to do."""


class MediaError(InputError):
    """A file that cannot be read as the kind of media it should be."""


class LimitError(InputError):
    """A file or a request that is larger than allowed."""


class PromptTooLongError(InputError):
    """A conversation that does not fit the model's context.

    Attributes:
        tokens: tokens in the prompt.
        limit: tokens that the context has room for.
    """

    def __init__(self, tokens: int, limit: int) -> None:
        self.tokens = tokens
        self.limit = limit
        super().__init__(
            "The conversation is {excess} tokens too long ({tokens} of at most {limit}); "
            "clear the chat, remove some media or shorten the question.",
            excess=tokens - limit,
            tokens=tokens,
            limit=limit,
        )


class CheckpointError(VitaError):
    """A checkpoint that is absent, incomplete or of another shape than its configuration says."""


class EngineError(VitaError):
    """An engine could not do its work."""


class EngineNotReadyError(EngineError):
    """The engine is still loading; try again when it is ready."""


class EngineDeadError(EngineError):
    """The engine's process is gone; only a restart helps."""
