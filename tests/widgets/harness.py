"""JupyterLab in headless Chromium for the widget tests: one server, one browser, one page after another."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlparse

import nbformat

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--font-render-hinting=none"]  # fmt: skip
PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")
POLL = re.compile(r"/api/(kernels|sessions|terminals)\?\d+$")  # JupyterLab asks now and then what runs; seen once: 500
OPEN = "(path) => { window.jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' }); }"
CLOSE = """async () => {
    const shown = window.jupyterapp.shell.currentWidget;
    await shown.context.save();  // else JupyterLab asks
    await shown.sessionContext.shutdown();
    shown.close();
}"""
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"


class Server:
    """JupyterLab on a free loopback port, with settings and notebooks of its own in ``folder``."""

    def __init__(self, folder: Path):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        news = folder / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        news.parent.mkdir(parents=True)
        news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
        (folder / "notebooks").mkdir()

    def start(self) -> None:
        """Start it and wait until it answers."""
        here = {
            name: str(self.folder / name.lower())
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        }
        env = {k: v for k, v in os.environ.items() if k != "COURSE_STATIC"} | here | {
            "JUPYTERLAB_SETTINGS_DIR": str(self.folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / "workspaces"),
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                   "--ip=127.0.0.1", f"--port={self.port}",
                   "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
                   "--LabApp.expose_app_in_browser=True",
                   f"--ServerApp.root_dir={self.folder / 'notebooks'}"]  # fmt: skip
        self.output = open(self.folder / "server.log", "w")  # noqa: SIM115  (closed in stop)
        self.process = subprocess.Popen(command, env=env, cwd=self.folder, stdout=self.output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("JupyterLab did not start:\n" + (self.folder / "server.log").read_text()[-2000:])
            time.sleep(0.2)

    def _answers(self):
        try:
            return self.request("GET", "/api/status") is not None
        except OSError:
            return False

    def request(self, method: str, path: str):
        """Call the server's REST interface."""
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method), timeout=10) as reply:
            body = reply.read()
        return json.loads(body) if body else {}

    def stop(self) -> None:
        """End the kernels, then the server."""
        try:
            for session in self.request("GET", "/api/kernels"):
                self.request("DELETE", f"/api/kernels/{session['id']}")
        finally:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
            self.output.close()

    def notebook(self, name: str, *cells: str) -> Path:
        """Write a notebook with these code cells; returns its path."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.folder / "notebooks" / f"{name}.ipynb"
        nbformat.write(book, path)
        return path


class LabPage:
    """A notebook open in the browser, with its widget. Keeps console errors and requests that leave the machine."""

    def __init__(self, browser, server: Server, name: str, **options):
        self.server, self.name = server, name
        self.errors, self.strangers = [], []
        self.context = browser.new_context(**{"viewport": {"width": 1100, "height": 1000}, **options})
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message):
        address = message.location.get("url", "")
        if message.type == "error" and not POLL.search(address):
            self.errors.append(f"{message.text} ({address})")

    def _request(self, request):
        address = urlparse(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in ("127.0.0.1", "localhost"):
            self.strangers.append(request.url)

    def open(self, kernel: bool = True):
        """Open the notebook and wait for its kernel."""
        self.page.goto(f"{self.server.url}/doc/tree/{self.name}.ipynb?reset", wait_until="domcontentloaded")
        self.page.wait_for_function("window.jupyterapp && document.querySelector('.jp-Notebook .jp-CodeCell')")
        if kernel:
            self._wait_for_kernel()
        return self

    def _wait_for_kernel(self):
        idle = f"(() => {{ try {{ return {KERNEL}.status === 'idle' }} catch {{ return false }} }})()"
        self.page.wait_for_function(idle)

    def turn_to(self, name: str):
        """Close the notebook, end its kernel and open another: JupyterLab itself takes seconds to load."""
        self.page.evaluate(CLOSE)
        self.errors.clear()
        self.strangers.clear()
        self.name = name
        self.page.evaluate(OPEN, f"{name}.ipynb")
        self._wait_for_kernel()
        return self

    def run_all(self):
        """Run all cells and wait for the widget to be drawn."""
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_selector(".lab[data-ready]")
        self.page.evaluate(PROBE)
        self.settle()
        return self

    def execute(self, code: str, wait: bool = True):
        """Run code in the notebook's kernel; returns what it printed."""
        script = f"""async ([code, wait]) => {{
            let out = ''; const future = {KERNEL}.requestExecute({{ code }});
            future.onIOPub = (m) => {{ if (m.header.msg_type === 'stream') out += m.content.text;
                                       if (m.header.msg_type === 'error') out += m.content.ename + m.content.evalue; }};
            if (wait) await future.done;
            return out; }}"""
        return self.page.evaluate(script, [code, wait]).strip()

    def value(self, expression: str):
        """Return the value of a Python expression in the kernel, through JSON."""
        return json.loads(self.execute(f"import json; print(json.dumps({expression}))"))

    @property
    def lab(self):
        """The widget."""
        return self.page.locator(".lab").first

    @property
    def rev(self) -> int:
        """How often the widget has drawn."""
        return int(self.lab.get_attribute("data-rev"))

    def settle(self) -> None:
        """Wait until nothing is in flight and the picture has stood still for three frames."""
        self.page.evaluate("window.probe.settled()")

    def time_input(self, act) -> float:
        """Return the milliseconds from the input event that ``act()`` causes to the frame with Python's answer."""
        self.page.evaluate("window.probe.arm()")
        act()
        return self.page.evaluate("window.probe.fired()")

    def theme(self, dark: bool) -> None:
        """Switch JupyterLab's theme."""
        want = str(not dark).lower()
        if self.page.evaluate("document.body.dataset.jpThemeLight") == want:
            return
        name = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: '{name}' }})")
        self.page.wait_for_selector(f".lab[data-light='{want}']")  # drawn again; hidden while the theme loads
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")
        self.settle()

    def clean(self) -> None:
        """Fail if the console showed an error, or a request left the machine, since the last call."""
        seen = self.errors + self.strangers
        self.errors.clear()
        self.strangers.clear()
        assert seen == []

    def close(self):
        """End the kernel and close the page."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.context.close()
