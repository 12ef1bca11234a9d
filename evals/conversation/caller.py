"""A visitor without hands, a process of its own: speaks into ``/v1/realtime`` in real time, notes what comes back.

``python -m evals.conversation.caller ADDRESS PLAN LOG``: PLAN is a JSON list of scripts
(``evals.conversation.caller_script``), each a conversation of its own, all held at once; LOG gets, for each, the list
of what happened when, by the machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import websockets
from numpy.typing import NDArray

from evals.conversation.caller_script import Cancel, Rest, Say, Script, Show, Step, Type, Until, Wait, Watch, read_plan
from evals.conversation.simulated_player import RATE, Player
from vita.media.pcm import encode_pcm16

FRAME = RATE // 50  # samples, 20 ms
ROOM = 2e-4  # loudness of a room in which nothing happens
ECHO_DELAY = 4  # frames until VITA's own voice is back in the microphone
SESSION = {
    "type": "realtime",
    "output_modalities": ["audio"],
    "audio": {"input": {"turn_detection": {"type": "semantic_vad"}, "transcription": {"model": "vita"}}},
}  # what the page asks for

Line = dict[str, Any]


class Caller:
    """One conversation: a microphone, a player, and a script."""

    def __init__(self, socket: websockets.ClientConnection, echo: float) -> None:
        self.lines: list[Line] = []
        self._socket = socket
        self._news = asyncio.Event()
        self._player = Player(self._log_played)
        self._spoken: deque[NDArray[np.float32]] = deque()  # what is being said, frame by frame
        self._said = asyncio.Event()
        self._echo, self._echoes = echo, deque([np.zeros(FRAME, np.float32)] * ECHO_DELAY)
        self._reports: list[tuple[str, int]] = []
        self._since = 0  # line with which the last act began

    async def run_script(self, steps: tuple[Step, ...]) -> None:
        """The whole script."""
        receiving = asyncio.create_task(self._receive_events())
        speaking = asyncio.create_task(self._stream_microphone())
        try:
            await self._wait_for_event(Wait(("session.created",), 60.0))
            await self._send_event("session.update", session=SESSION)
            for step in steps:
                await self._do_step(step)
        finally:
            receiving.cancel()
            speaking.cancel()

    def log_event(self, kind: str, **more: Any) -> None:
        """Add a line."""
        self.lines.append({"t": time.monotonic(), "kind": kind, **more})
        self._news.set()

    async def _do_step(self, step: Step) -> None:
        match step:
            case Type(text):
                self._start_act("type", text=text)
                content = [{"type": "input_text", "text": text}]
                await self._send_event(
                    "conversation.item.create", item={"type": "message", "role": "user", "content": content}
                )
                if step.ask:
                    await self._send_event("response.create")
            case Say(sound, name):
                self._start_act("say", name=name)
                await self._say_sound(sound)
            case Wait():
                await self._wait_for_event(step)
            case Rest(seconds):
                await asyncio.sleep(seconds)
            case Until(seconds):
                await asyncio.sleep(max(0.0, self.lines[self._since]["t"] + seconds - time.monotonic()))
            case Watch(text):
                self._start_act("watch", text=text)
                await self._send_event("vita.watch.start", watch_for=text)
            case Show(frames):
                await self._show_frames(frames)
            case Cancel():
                self._start_act("cancel")
                item = self._player.item
                await self._send_event("response.cancel")
                if item:
                    self._player.stop_item(item)

    def _start_act(self, kind: str, **more: Any) -> None:
        self._since = len(self.lines)
        self.log_event(kind, **more)

    async def _wait_for_event(self, wait: Wait) -> None:
        """Until one of these has happened since the last act; a line ``late`` where it has not in time."""
        try:
            async with asyncio.timeout(wait.at_most):
                while not any(line["kind"] in wait.kinds for line in self.lines[self._since :]):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            self.log_event("late", waited=list(wait.kinds))

    async def _say_sound(self, sound: str) -> None:
        samples, _ = soundfile.read(sound, dtype="float32")
        padded = np.pad(samples, (0, -len(samples) % FRAME))
        self._said.clear()
        self._spoken.extend(padded.reshape(-1, FRAME))
        await self._said.wait()

    async def _show_frames(self, frames: tuple[str, ...]) -> None:
        """One a second, each sent when its moment is over, as a camera does."""
        begun = time.monotonic()
        for number, path in enumerate(frames):
            await asyncio.sleep(max(0.0, begun + number - time.monotonic()))
            url = f"data:image/jpeg;base64,{base64.b64encode(Path(path).read_bytes()).decode()}"
            content = [{"type": "input_image", "image_url": url}]
            self.log_event("frame", number=number)
            await self._send_event(
                "conversation.item.create", item={"type": "message", "role": "user", "content": content}
            )
        await asyncio.sleep(max(0.0, begun + len(frames) - time.monotonic()))

    async def _stream_microphone(self) -> None:
        """The microphone, and the loudspeaker beside it: 20 ms every 20 ms, sent when they are over."""
        begun, count, random = time.monotonic(), 0, np.random.default_rng(0)
        talking = False
        while True:
            frame = random.standard_normal(FRAME).astype(np.float32) * np.float32(ROOM)
            if self._spoken:
                if not talking:
                    self.log_event("voice", at=begun + count * FRAME / RATE)
                talking, frame = True, frame + self._spoken.popleft()
            elif talking:
                talking = False
                self._said.set()
            self._echoes.append(self._player.pull_samples(FRAME) * np.float32(self._echo))
            frame = frame + self._echoes.popleft()
            count += 1
            await asyncio.sleep(max(0.0, begun + count * FRAME / RATE - time.monotonic()))
            pcm = encode_pcm16(frame)
            await self._send_event("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())
            await self._report_playback()

    def _log_played(self, kind: str, item: str, samples: int) -> None:
        self._reports.append((item, samples))
        if kind != "played":
            self.log_event(f"player.{kind}", item=item, samples=samples)

    async def _report_playback(self) -> None:
        reports, self._reports = dict(self._reports), []
        for item, samples in reports.items():
            await self._send_event("vita.played", item_id=item, samples=samples)

    async def _receive_events(self) -> None:
        async for message in self._socket:
            event = json.loads(message)
            kind = event.pop("type")
            item = event.get("item_id", "")
            if kind == "response.output_audio.delta":
                pcm = base64.b64decode(event["delta"])
                self._player.push_sound(item, pcm)
                event = {"item_id": item, "samples": len(pcm) // 2}
            elif kind == "response.output_audio.done":
                self._player.end_item(item)
            elif kind == "vita.duck":
                self._player.set_ducked(event["data"]["on"])
            elif kind == "vita.cut":
                self._player.stop_item(event["data"]["item_id"])
            self.log_event(kind, **event)

    async def _send_event(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))


async def hold_call(address: str, script: Script) -> list[Line]:
    """One conversation; what happened in it."""
    await asyncio.sleep(script.after)
    url = f"ws://{address}/v1/realtime?model=vita&vita_events=1"
    async with websockets.connect(url, max_size=None, close_timeout=1) as socket:
        caller = Caller(socket, script.echo)
        await caller.run_script(script.steps)
        return caller.lines


async def hold_all(address: str, plan: Path, log: Path) -> None:
    """All conversations of a plan at once."""
    scripts = read_plan(plan.read_text(encoding="utf-8"))
    lines = await asyncio.gather(*(hold_call(address, script) for script in scripts))
    log.write_text(json.dumps(lines), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(hold_all(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
