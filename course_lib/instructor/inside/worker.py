"""The program in the sandbox: runs a notebook's needed statements, then calls its functions on request.

Nothing it sends is believed: a student's code lives in the same process and may send what it likes. All that it can
do with that is to send wrong plain data.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import io
import json
import linecache
import os
import resource
import sys
import time
from types import SimpleNamespace

import slicing
import wire

from course_lib.checks.learner import is_stub, leans_on_library
from course_lib.checks.limits import TimeUp, limited
from course_lib.checks.outcome import MAX_PRINTED, Outcome, run

MAX_ERRORS = 50


class Pipe:
    """The two ends that lead out, moved away from where print and input look."""

    def __init__(self):
        self.reader, self.writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)

    def receive(self):
        head = self.reader.read(wire.HEAD.size)
        if len(head) < wire.HEAD.size:
            raise EOFError
        text, raw = wire.lengths(head, 2**31, 2**31)
        return wire.unpack(self.reader.read(text), self.reader.read(raw))

    def send(self, value) -> None:
        self.writer.write(wire.pack(value))
        self.writer.flush()


class Shell:
    """Stands in for IPython: magics do nothing, except that timed or captured code runs."""

    def __init__(self, namespace: dict):
        self.namespace = namespace

    def run_line_magic(self, name, line, *rest, **options):
        return None

    def run_cell_magic(self, name, line, cell):
        if name in ("time", "timeit", "capture", "prun"):
            exec(compile(cell, "<cell>", "exec"), self.namespace)

    system = getoutput = run_line_magic


class Notebook:
    """The student's notebook as a namespace."""

    def __init__(self, cells: list[dict], seconds: float):
        self.namespace = {"__name__": "__main__", "__builtins__": builtins, "display": lambda *things, **options: None}
        shell = Shell(self.namespace)
        self.namespace["get_ipython"] = lambda: shell
        self.errors: list[tuple[str, str]] = []
        self.body = self._parsed(cells)
        self.deadline = time.monotonic() + seconds

    def _parsed(self, cells):
        body, functions = [], set()
        for cell in cells:
            source, id = cell["source"], cell["id"]
            try:
                try:
                    parsed = slicing.statements(id, source, cell["own"], functions)
                except SyntaxError:
                    source = without_magics(source)
                    parsed = slicing.statements(id, source, cell["own"], functions)
                body += parsed
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                self._note(id, error)
            filename = f"<cell {id}>"
            linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        return body

    def execute(self, names: set[str]) -> None:
        """Run what the names need. An error ends its statement, not the notebook."""
        for statement in slicing.needed(self.body, names):
            left = self.deadline - time.monotonic()
            try:
                if left <= 0:
                    raise TimeUp
                with contextlib.redirect_stdout(io.StringIO()):
                    limited(lambda code=statement.code: exec(code, self.namespace), left)
            except BaseException as error:
                self._note(statement.cell, error)

    def _note(self, cell: str, error: BaseException) -> None:
        if len(self.errors) < MAX_ERRORS:
            self.errors.append((cell, described(error)))

    def state(self, name: str, parameters: list[str], library: str) -> dict:
        """What the name stands for: "ok", "missing", "stub", "not-a-function" or "wrong-signature"."""
        function = self.namespace.get(name)
        asked = SimpleNamespace(name=name, reference=SimpleNamespace(__name__=library))
        return {"state": state_of(function, parameters) if name in self.namespace else "missing",
                "library": bool(leans_on_library(function, asked))}


def without_magics(source: str) -> str:
    """The cell as IPython would pass it to Python. Imported only where needed: it costs 0.2 s."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def state_of(function, parameters: list[str]) -> str:
    """One word on a candidate."""
    if function is ... or is_stub(function):
        return "stub"
    if not callable(function):
        return "not-a-function"
    try:
        inspect.signature(function).bind(*parameters)
    except TypeError:
        return "wrong-signature"
    except BaseException:  # no signature to be had: let the call decide
        return "ok"
    return "ok"


def described(error: BaseException) -> str:
    """"NameError: name 'x' is not defined, line 3"."""
    try:
        where = getattr(error, "lineno", None)
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename.startswith("<cell"):
                where = step.tb_lineno
            step = step.tb_next
        text = "it took too long" if isinstance(error, TimeUp) else str(getattr(error, "msg", error))
        return f"{type(error).__name__}: {text[:300]}" + (f", line {where}" if where else "")
    except BaseException:
        return "an error that cannot be shown"


def drop(uid: int | None, limits: dict) -> None:
    """Give up root, where the sandbox was started by it, and take the limits. Before any code of the student's."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def sent(outcome: Outcome) -> dict:
    """An outcome as plain data."""
    return {**vars(outcome), "printed": outcome.printed[:MAX_PRINTED], "detail": outcome.detail[:500]}


def serve(pipe: Pipe) -> None:
    """Answer requests until the other side hangs up."""
    notebook = None
    while True:
        request = pipe.receive()
        if request["do"] == "notebook":
            notebook = Notebook(request["cells"], request["seconds"])
            notebook.execute(set(request["functions"]))
            states = {name: notebook.state(name, *about) for name, about in request["functions"].items()}
            answer = {"functions": states, "errors": notebook.errors}
        elif request["do"] == "call":
            function = notebook.namespace.get(request["function"])
            answer = sent(run(function, request["args"], request["seconds"]))
        else:
            answer = None
        pipe.send((request["number"], answer))


def main() -> None:
    """Run as the sandbox's only program."""
    pipe, settings = Pipe(), json.loads(sys.argv[1])
    drop(settings["uid"], settings["limits"])
    pipe.send({"uid": os.getuid(), "pid": os.getpid()})
    with contextlib.suppress(EOFError, BrokenPipeError):
        serve(pipe)


if __name__ == "__main__":
    main()
