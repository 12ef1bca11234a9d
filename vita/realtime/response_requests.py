"""``response.create``: an answer in the conversation, or an out-of-band response beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vita.duplex.context_window import AnswerOptions
from vita.duplex.conversation_driver import ConversationDriver
from vita.duplex.conversation_history import HistoryItem, UserItem
from vita.engine.engine_protocol import Request
from vita.media import await_decoding
from vita.realtime import client_events as c
from vita.realtime import server_events as r
from vita.realtime.item_conversion import item_of, parts_of
from vita.realtime.out_of_band import OutOfBandResponse
from vita.realtime.protocol_error import ProtocolError
from vita.realtime.protocol_state import ProtocolState
from vita.realtime.response_writer import ResponseWriter
from vita.realtime.shared_settings import SharedSettings
from vita.tokens import State


class ResponseRequests:
    """Starts what a client asks to be answered. What runs out of band is listed in ``state.out_of_band``."""

    def __init__(
        self,
        driver: ConversationDriver,
        state: ProtocolState,
        shared: SharedSettings,
        send_event: Callable[[r.ServerEvent], None],
    ) -> None:
        self._driver, self._state, self._shared = driver, state, shared
        self._send_event = send_event

    async def create_response(self, options: c.ResponseOptions) -> None:
        """Start a response with ``options``.

        Raises:
            InputError: it cannot be done; the message says what to do.
        """
        wanted = _answer_options(options)
        if options.tools:
            raise ProtocolError("tools_not_supported", "This model calls no tools; leave them out.")
        if options.conversation == "none":
            if not wanted.text_only and "audio" in (options.output_modalities or self._state.config.output_modalities):
                raise ProtocolError(
                    "invalid_value", 'An answer beside the conversation is text; ask for output_modalities ["text"].'
                )
            await self._respond_out_of_band(options)
        elif options.input is not None:
            raise ProtocolError("invalid_value", 'An answer with an input of its own needs conversation "none".')
        else:
            promise, self._state.promise = self._state.promise, ""
            self._driver.request_answer(replace(wanted, said=promise))

    async def _respond_out_of_band(self, options: c.ResponseOptions) -> None:
        driver, running = self._driver, self._state.out_of_band
        items = driver.state.items if options.input is None else await self._input_items(options.input)
        deltas = driver.engines.generate_at(driver.state.monitor, self._build_request(items, options))
        writer = ResponseWriter(r.fresh_id("item"), False, None, options.metadata)
        response = OutOfBandResponse(deltas, self._send_event, writer)
        running[writer.response_id] = self._shared.spawn_task(response.run(), f"out of band {writer.response_id}")
        running[writer.response_id].add_done_callback(lambda _: running.pop(writer.response_id, None))

    def _build_request(self, items: tuple[HistoryItem, ...], options: c.ResponseOptions) -> Request:
        by_voice = bool(items) and isinstance(items[-1], UserItem) and items[-1].by_voice
        states = (State.AUDIO_QUERY if by_voice else State.TEXT_QUERY,)
        context = self._driver.context if options.input is None else self._driver.context.afresh()
        return context.answer(items, states, _answer_options(options))

    async def _input_items(self, given: list[c.MessageItem | c.ItemReference]) -> tuple[HistoryItem, ...]:
        items: list[HistoryItem] = []
        for message in given:
            if isinstance(message, c.ItemReference):
                known = self._driver.state.find_item(message.id)
                if known is None:
                    raise ProtocolError("item_reference_invalid", f"There is no item {message.id!r}.")
                items.append(known)
            else:
                parts = await await_decoding(parts_of, message, self._shared.base.limits)
                items.append(item_of(message.id or r.fresh_id("item"), message, parts))
        return tuple(items)


def _answer_options(options: c.ResponseOptions) -> AnswerOptions:
    tokens = options.max_output_tokens if isinstance(options.max_output_tokens, int) else None
    text_only = options.output_modalities is not None and "audio" not in options.output_modalities
    return AnswerOptions(options.instructions or "", tokens, text_only, options.metadata)
