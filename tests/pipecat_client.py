"""Run by tests/test_realtime_pipecat.py: pipecat's OpenAI realtime service against a server of ours.

    python pipecat_client.py ADDRESS      prints what comes out of its pipeline, one JSON object a line

It asks by voice, hears the answer begin, interrupts it by voice, and hears the next answer to its end.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys

from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    InputAudioRawFrame,
    LLMContextFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService

RATE = 24_000
LOUD, HUSH = base64.b64decode(sys.argv[2]) * (RATE // 50), bytes(2 * (RATE // 50))  # 20 ms each


class Listener(FrameProcessor):
    """Prints what it sees."""

    def __init__(self):
        super().__init__()
        self.sound = 0
        self.speaking = asyncio.Event()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.sound += len(frame.audio)
            self.speaking.set()
        elif isinstance(frame, TTSTextFrame):
            say("text", text=frame.text)
        elif isinstance(frame, ErrorFrame):
            say("error", text=str(frame.error))
        elif isinstance(frame, UserStartedSpeakingFrame | UserStoppedSpeakingFrame):
            say(type(frame).__name__)
        await self.push_frame(frame, direction)


def say(kind: str, **more) -> None:
    print(json.dumps({"kind": kind, **more}), flush=True)  # noqa: T201


async def speak(task: PipelineTask, seconds: float, pcm: bytes) -> None:
    for _ in range(round(seconds * 50)):
        await task.queue_frame(InputAudioRawFrame(pcm, RATE, 1))
        await asyncio.sleep(0.02)


async def story(task: PipelineTask, listener: Listener) -> None:
    await task.queue_frame(LLMContextFrame(LLMContext()))
    await speak(task, 0.5, HUSH)
    for _ in range(2):
        await speak(task, 0.8, LOUD)
        listener.speaking.clear()
        await speak(task, 2.0, HUSH)
        await asyncio.wait_for(listener.speaking.wait(), 10)
        say("sound", bytes=listener.sound)
    await speak(task, 2.0, HUSH)
    say("end", bytes=listener.sound)
    await task.queue_frame(EndFrame())


async def main() -> None:
    llm = OpenAIRealtimeLLMService(api_key="none", base_url=f"ws://{sys.argv[1]}/v1/realtime")
    listener = Listener()
    llm.add_event_handler("on_error", lambda *_: say("error"))
    task = PipelineTask(
        Pipeline([llm, listener]), params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE)
    )
    await asyncio.gather(PipelineRunner(handle_sigint=False).run(task), story(task, listener))


if __name__ == "__main__":
    asyncio.run(main())
