"""What the course adds to a Jupyter server: a kernel's answers leave at once.

A widget's answer is several small messages in a row (busy, the picture, idle). Without ``TCP_NODELAY`` the second
waits until the browser has acknowledged the first, which it puts off for some 40 ms (RFC 896 meets RFC 1122, 4.2.3.2).
Jupyter finds this extension by ``etc/jupyter/jupyter_server_config.d/course_lib.json``, which the package installs.
"""

from __future__ import annotations


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": "course_lib.jupyter"}]


def _load_jupyter_server_extension(app) -> None:
    settings = app.web_app.settings
    settings["kernel_websocket_connection_class"] = prompt(settings["kernel_websocket_connection_class"])


def prompt(connection_class: type) -> type:
    """Return a subclass of a kernel's websocket connection that sends small messages without waiting."""

    class Prompt(connection_class):
        async def connect(self):
            self.websocket_handler.set_nodelay(True)
            return await super().connect()

    return Prompt
