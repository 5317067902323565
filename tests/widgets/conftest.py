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
    """A function that returns the page of JupyterLab with a widget's notebook, opened and run."""
    opened = []

    def page(name):
        if not opened or opened[0].name != name:
            server.notebook(name, *CELLS[name])
            shown = opened.pop().turn_to(name) if opened else LabPage(browser, server, name).open()
            opened.append(shown.run_all())
        return opened[0]

    yield page
    for one in opened:
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
