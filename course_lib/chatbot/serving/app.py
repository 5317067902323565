"""The web server: POST /chat streams a reply as JSON lines, GET /health, GET / is a page to talk to it.

It keeps nothing: what was said before comes with each request. No CORS header is ever sent, so other sites' pages
cannot read it, and those that try are turned away (`limits.is_ours`).
"""

import asyncio
import codecs
import contextlib
import json
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException as AnyHTTPException

from course_lib.chatbot.chat import Chat
from course_lib.chatbot.sampling import Sampling
from course_lib.chatbot.serving.ask import Ask, complaint
from course_lib.chatbot.serving.batching import Batcher, Busy, Row
from course_lib.chatbot.serving.limits import LOOPBACK, Limits, Rate, is_ours, shown
from course_lib.chatbot.serving.page import HEADERS, PAGE
from course_lib.data.dialogue import Pair


class Replying(StreamingResponse):
    """The lines of one reply. However it ends, the client gone or not, its row is given back."""

    def __init__(self, row: Row, tokenizer):
        kind, fresh = "application/x-ndjson", {"Cache-Control": "no-store"}
        super().__init__(lines(row, tokenizer), media_type=kind, headers=fresh)
        self.row = row

    async def __call__(self, scope, receive, send):
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.row.leave()


async def lines(row: Row, tokenizer) -> AsyncIterator[str]:
    """JSON lines: {"text": …} for each piece of whole characters, then {"done": …}, or {"error": …}."""
    decoder, n = codecs.getincrementaldecoder("utf-8")("replace"), 0
    try:
        async for token in row:
            n += 1
            if text := shown(decoder.decode(tokenizer.decode_bytes([token]))):
                yield json.dumps({"text": text}) + "\n"
        yield json.dumps({"done": row.reason, "tokens": n}) + "\n"
    except Exception:  # the batcher has logged it
        yield json.dumps({"error": "the model failed; the reply is incomplete"}) + "\n"


def make_app(chat: Chat, name: str, limits: Limits | None = None, hosts: tuple[str, ...] = LOOPBACK) -> FastAPI:
    """Make the server of one model.

    Parameters
    ----------
    chat : Chat
        Its model, tokenizer and format are used, its history is not. Its max_new_tokens is the longest reply.
    name : str
        What the page calls it.
    limits : Limits, optional
    hosts : tuple of str
        The names by which clients may call this server; others are refused.
    """
    limits = limits or Limits()
    batcher, rate = Batcher(chat.model, limits.rows, limits.waiting), Rate(limits.burst, limits.per_minute)

    def guard(request: Request):
        if not is_ours(request.headers.get("host"), request.headers.get("origin"), hosts):
            raise HTTPException(403, "this server answers only its own page and programs on this machine")

    # FastAPI's own /docs would load scripts from elsewhere.
    no_docs = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    app = FastAPI(lifespan=_lifespan(batcher), dependencies=[Depends(guard)], **no_docs)
    app.add_exception_handler(AnyHTTPException, _refusal)
    app.add_exception_handler(Exception, _failure)
    app.state.batcher = batcher

    @app.get("/health")
    def health():
        state = {"active": batcher.active, "waiting": len(batcher.waiting)}
        return {"status": "ok", "model": name, "characters": limits.characters} | state

    @app.get("/")
    def page():
        return HTMLResponse(PAGE, headers=HEADERS)

    @app.post("/chat")
    async def answer(request: Request):
        _admit(rate, request)
        ask = _read(await _body(request, limits), limits)
        return Replying(_queue(batcher, chat, ask), chat.tokenizer)

    return app


def _lifespan(batcher):
    @contextlib.asynccontextmanager
    async def lifespan(app):
        work = asyncio.create_task(batcher.run())
        yield
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    return lifespan


async def _refusal(request, error):
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _failure(request, error):
    return JSONResponse({"error": "the server failed; its log says why"}, 500)


def _admit(rate, request):
    if wait := rate.wait(request.client.host if request.client else ""):
        raise HTTPException(429, "too many requests", {"Retry-After": str(int(wait) + 1)})


async def _body(request, limits) -> bytes:
    """The request's body, as long as it is JSON by name, short, and comes in time."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Content-Type must be application/json")
    body = b""
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in request.stream():
                body += part
                if len(body) > limits.body_bytes:
                    raise HTTPException(413, f"the request is larger than {limits.body_bytes} bytes", CLOSE)
    except TimeoutError:
        raise HTTPException(408, f"the request took more than {limits.body_seconds:g} seconds", CLOSE) from None
    return body


CLOSE = {"Connection": "close"}  # the rest of the body is not read


def _read(body, limits) -> Ask:
    try:
        return Ask.model_validate_json(body, context=limits)
    except ValidationError as error:
        raise HTTPException(*complaint(error)) from None


def _queue(batcher, chat, ask) -> Row:
    try:
        prompt = chat.prompt(ask.message, [Pair(e.user, e.bot) for e in ask.history])
        new_tokens = min(ask.max_new_tokens or chat.max_new_tokens, chat.max_new_tokens)
        sampling = Sampling(temperature=ask.temperature, seed=ask.seed)
        return batcher.submit(Row(prompt, new_tokens, sampling, {end for (end,) in chat.ends}))
    except ValueError as error:
        raise HTTPException(422, f"message: {error}") from None
    except Busy:
        raise HTTPException(503, "the server is busy", {"Retry-After": "1"}) from None
