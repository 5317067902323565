"""A model behind HTTP, on this computer only: validated input, clear refusals, versions and a way back.

`Service` decides every answer without a socket, so all of it can be tested as a function; `serving` puts the standard
library's HTTP server in front of it, bound to 127.0.0.1. A lesson, not a product: no encryption, no login.
"""

import http.client
import json
import math
import threading
import time
from collections import deque
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

MAX_BYTES = 100_000
MAX_ROWS = 256
TIMEOUT = 5.0  # seconds a client may take to send its request


class Refused(Exception):
    """A request that gets no prediction: HTTP status and a sentence for the person who sent it."""

    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status, self.reason = status, reason


def parse(body: bytes, features) -> np.ndarray:
    """Rows (N, D) from {"rows": [{feature: number, ...}, ...]}.

    Raises
    ------
    Refused
        413 too large, 400 not JSON, 422 JSON that does not fit the schema; the reason names row and feature.
    """
    if len(body) > MAX_BYTES:
        raise Refused(413, f"the body has {len(body):,} bytes, at most {MAX_BYTES:,} are read")
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is not JSON: {str(error)[:100]}") from None
    rows = found.get("rows") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not rows or set(found) != {"rows"}:
        raise Refused(422, 'expected {"rows": [{feature: number, ...}, ...]} with at least one row')
    if len(rows) > MAX_ROWS:
        raise Refused(422, f"{len(rows)} rows, at most {MAX_ROWS} in one request")
    return np.array([_row(i, row, features) for i, row in enumerate(rows)])


def _once(pairs) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _no_constant(text):
    raise ValueError(f"{text} is not a JSON number")


def _row(i, row, features) -> list[float]:
    if not isinstance(row, dict):
        raise Refused(422, f"row {i} must be an object of feature names and numbers")
    for kind, names in (("lacks", set(features) - set(row)), ("has the unknown feature", set(row) - set(features))):
        if names:
            raise Refused(422, f"row {i} {kind} {sorted(names)[0][:40]!r}")
    return [_number(i, name, row[name]) for name in features]


def _number(i, name, value) -> float:
    if type(value) not in (int, float):
        raise Refused(422, f"row {i}, {name}: must be a number, got {json.dumps(value)[:40]}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or abs(number) > 1e30:
        raise Refused(422, f"row {i}, {name}: the number is too large")
    return number


class Service:
    """Versions of a model, one of which answers.

    A model has ``version``, ``features``, ``classes`` and ``predict_proba(rows (N, D)) -> (N, C)``. The paths are
    POST /predict, GET /health and GET /schema.
    """

    def __init__(self, model):
        self.models = [model]  # the last one answers
        self.seconds = deque(maxlen=10_000)  # of each prediction

    @property
    def model(self):
        """The one that answers now."""
        return self.models[-1]

    def deploy(self, model) -> None:
        """Let a new version answer; it must take the same features.

        Raises
        ------
        ValueError
            If its features are not those that clients send.
        """
        if tuple(model.features) != tuple(self.model.features):
            raise ValueError(f"deploy: version {model.version} takes other features than {self.model.version}")
        self.models.append(model)

    def rollback(self) -> str:
        """Go back to the version before; return its name."""
        if len(self.models) == 1:
            raise ValueError("rollback: there is no earlier version")
        self.models.pop()
        return self.model.version

    def answer(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict]:
        """Return HTTP status and JSON answer. Whatever comes in, something goes out."""
        try:
            return 200, self._route(method, path, body)
        except Refused as refused:
            return refused.status, {"error": refused.reason}
        except Exception:  # a bug of ours: say so, and give nothing away
            return 500, {"error": "the model failed on this input"}

    def _route(self, method, path, body) -> dict:
        model = self.model  # one version for the whole request, whatever is deployed meanwhile
        known = {"/predict": "POST", "/health": "GET", "/schema": "GET"}
        if path not in known:
            raise Refused(404, f"there is no such path; there are {', '.join(known)}")
        if method != known[path]:
            raise Refused(405, f"{path} is for {known[path]}")
        if path == "/health":
            return {"status": "ok", "version": model.version}
        if path == "/schema":
            return {"features": list(model.features), "classes": list(model.classes), "version": model.version}
        return self._predict(model, parse(body, model.features))

    def _predict(self, model, rows) -> dict:
        started = time.perf_counter()
        p = np.asarray(model.predict_proba(rows), float)
        if not np.isfinite(p).all():
            raise Refused(422, "the model gives no finite probability for this input")
        self.seconds.append(time.perf_counter() - started)
        labels = [model.classes[i] for i in p.argmax(1)]
        return {"version": model.version, "classes": labels, "probabilities": p.tolist()}

    def latency(self, percent: float = 95) -> float:
        """Milliseconds within which this share of the predictions was made (HTTP not counted)."""
        return float(np.percentile(list(self.seconds), percent) * 1000) if self.seconds else math.nan


@contextmanager
def serving(service: Service, port: int = 0):
    """Run the service on 127.0.0.1 in a background thread; yields the port (0: the system chooses one)."""
    handler = type("Handler", (_Handler,), {"service": service})
    server = _Server(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def request(port: int, method: str, path: str, body=None) -> tuple[int, dict]:
    """Ask a service on this computer; a body that is not bytes is sent as JSON. Returns HTTP status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body).encode())
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    timeout = TIMEOUT  # of the socket: who sends nothing is let go
    server_version, sys_version = "course", ""
    service: Service

    def _reply(self):
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return self._send(400, {"error": "send a Content-Length, and no Transfer-Encoding"})
        if len(length) > 12 or int(length) > MAX_BYTES:  # refused before a byte of it is read
            return self._send(413, {"error": f"at most {MAX_BYTES:,} bytes are read"})
        body = self.rfile.read(int(length))
        return self._send(*self.service.answer(self.command, self.path, body))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _reply  # noqa: N815

    def _send(self, status, answer):
        text = json.dumps(answer, allow_nan=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        """Stay quiet: a log belongs to the program that embeds this."""
