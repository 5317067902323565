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
def opened(server, browser):
    """A function that opens one of the server's notebooks in the one page of JupyterLab, and returns the page."""
    shown = []

    def page(name):
        shown.append(shown.pop().turn_to(name) if shown else LabPage(browser, server, name).open())
        return shown[0]

    yield page
    for one in shown:
        one.close()


@pytest.fixture(scope="session")
def pages(server, opened):
    """A function that returns the page with a widget's notebook, opened and run."""
    ready = []

    def page(name):
        if not ready or ready[0].name != name:
            ready.clear()
            server.notebook(name, *CELLS[name])
            ready.append(opened(name).run_all())
        return ready[0]

    return page


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
