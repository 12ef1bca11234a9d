"""A server of OpenAI's chat completions on a real socket, with vLLM's ``/tokenize`` where it serves a VITA."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from vita.conversation import Turn, render_prompt
from vita.engine.remote_engine import RemoteEngine

PROMPT = 999  # tokens that it says a prompt has


def token_id(token: str) -> int:
    """The id of a character, of a state token or of the beginning of a text."""
    return ord(token) if len(token) == 1 else 1_000_000 + sum(map(ord, token))


class Server:
    """A server that says what it is told to and remembers what it was asked."""

    def __init__(self, pieces=("Hello", " you"), error=None, owner="vllm", endless=False, family=None) -> None:
        self.pieces, self.error, self.owner, self.endless, self.family = pieces, error, owner, endless, family
        self.details: dict = {"cached_tokens": 4, "audio_tokens": 3}
        self.likely: Callable[[str], dict] | None = None  # the logprobs of a piece
        self.asked: list[dict] = []
        self.hung_up = asyncio.Event()

    async def models(self, request):
        return JSONResponse({"object": "list", "data": [{"id": "m", "object": "model", "owned_by": self.owner}]})

    async def chat(self, request):
        self.asked.append(await request.json())
        if self.error:
            return JSONResponse({"error": {"message": self.error[1]}}, self.error[0])
        return StreamingResponse(self.events(), media_type="text/event-stream")

    async def tokenize(self, request):
        """A token a character and one for each state token; chats by the template of the family that is served."""
        asked = await request.json()
        if self.family is None:
            return JSONResponse({"error": {"message": "Not Found"}}, 404)
        if "messages" in asked:
            text = "".join(render_prompt((Turn("user", (asked["messages"][0]["content"],)),), self.family))
        else:
            text = asked["prompt"]
        start = ["<s>"] if asked.get("add_special_tokens", True) else []
        return JSONResponse({"tokens": [token_id(token) for token in [*start, *re.findall("<[123]>|.", text, re.S)]]})

    async def events(self):
        try:
            for piece in self.pieces:
                choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
                yield self.event([choice | ({"logprobs": self.likely(piece)} if self.likely else {})])
            while self.endless:
                await asyncio.sleep(0.01)
                yield self.event([{"index": 0, "delta": {"content": "more "}, "finish_reason": None}])
            yield self.event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
            counts = {"prompt_tokens": PROMPT, "completion_tokens": 3, "total_tokens": PROMPT + 3}
            usage = {**counts, "prompt_tokens_details": self.details}
            yield self.event([], usage)
            yield "data: [DONE]\n\n"
        finally:
            self.hung_up.set()

    def event(self, choices, usage=None) -> str:
        body = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        return f"data: {json.dumps(body | {'choices': choices, 'usage': usage})}\n\n"

    @asynccontextmanager
    async def running(self, **options):
        """An engine that is connected to this server over a real socket."""
        routes = [
            Route("/v1/models", self.models),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/tokenize", self.tokenize, methods=["POST"]),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        engine = RemoteEngine("far", f"http://127.0.0.1:{port}/v1", retries=0, **options)
        try:
            await engine.start()
            yield engine
        finally:
            await engine.close()
            server.should_exit = True
            await task
