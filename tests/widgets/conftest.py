"""Fixtures of the widget tests. The browser tests share one server, one browser and one page per widget."""

import os

import pytest

from tests.widgets.docs import Report
from tests.widgets.harness import LabPage, Server
from tests.widgets.notebooks import CELLS, TRAINER


@pytest.fixture
def new_trainer():
    """A function that builds the same small trainer on the digits again and again."""
    names = {}
    exec(TRAINER, names)
    return names["new_trainer"]


@pytest.fixture(autouse=True)
def _not_static(monkeypatch):
    monkeypatch.delenv("COURSE_STATIC", raising=False)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab, running."""
    server = Server(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pages(server, browser):
    """A function that returns the page of a widget, opened and run; the page of another is closed: idle pages cost."""
    opened = {}

    def page(name):
        if name not in opened:
            while opened:
                opened.popitem()[1].close()
            server.notebook(name, *CELLS[name])
            opened[name] = LabPage(browser, server, name).open().run_all()
        return opened[name]

    yield page
    for one in opened.values():
        one.close()


@pytest.fixture(scope="session")
def report():
    """What the tests measured; written to docs/WIDGETS.md if WIDGET_DOCS=1."""
    report = Report()
    yield report
    if os.environ.get("WIDGET_DOCS") == "1":
        report.write()


@pytest.fixture
def lab():
    """A ChatLab on the course's chat; ``lab.sent`` is what it tells the browser."""
    from course_lib.widgets import ChatLab
    from tests.widgets.chats import new_chat

    lab = ChatLab(new_chat())
    lab.sent = []
    lab.send = lambda content, buffers=None: lab.sent.append(content)
    yield lab
    lab.close()
