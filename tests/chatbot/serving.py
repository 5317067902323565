"""Models that say what a test tells them to, and a server on a free port of this machine."""

import contextlib
import http.client
import json
import threading

import numpy as np

from course_lib.chatbot.chat import SPECIAL, Chat
from course_lib.chatbot.config import Config
from course_lib.chatbot.tokenizer import Tokenizer

VOCAB = [bytes([i]) for i in range(256)] + [name.encode() for name in SPECIAL]
BYTES = Tokenizer(VOCAB, [], {name: 256 + i for i, name in enumerate(SPECIAL)})
END = BYTES.special["<|end|>"]


class Scripted:
    """Writes the same bytes again and again, then, after `length` tokens, the end. Counts rows, notes each step."""

    def __init__(self, text=b"ab", length=10**9, block_size=2**20):
        self.config, self.text, self.length = Config(len(BYTES.vocab), block_size=block_size), text, length
        self.sizes: list[int] = []
        self.fails = False
        self.pause, self.gate = None, threading.Event()  # after so many tokens it waits for the gate to open

    def session(self, prompts, room):
        return ScriptedSession(self, len(prompts))


class ScriptedSession:
    def __init__(self, model, rows):
        self.model, self.rows, self.n = model, rows, 0
        self._write()

    def keep(self, rows):
        self.rows = len(rows)

    def step(self, tokens):
        assert len(tokens) == self.rows
        self.n += 1
        if self.n == self.model.pause:
            assert self.model.gate.wait(20)
        self._write()

    def _write(self):
        model = self.model
        if model.fails:
            raise RuntimeError("the model failed on purpose")
        token = END if self.n >= model.length else model.text[self.n % len(model.text)]
        self.logits = np.tile(np.eye(1, len(BYTES.vocab), token, dtype=np.float32), (self.rows, 1))
        model.sizes.append(self.rows)


def scripted_chat(max_new_tokens=64, **options) -> Chat:
    return Chat(Scripted(**options), BYTES, max_new_tokens=max_new_tokens)


@contextlib.contextmanager
def running(app):
    """A real server on a free loopback port; yields the port once it listens."""
    import uvicorn

    ready = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            ready.set()

    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(20), "the server did not start"
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def post(port, message="hello"):
    """Begin a request; returns the connection and the reply, of which nothing has been read."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("POST", "/chat", json.dumps({"message": message}), {"Content-Type": "application/json"})
    return client, client.getresponse()
