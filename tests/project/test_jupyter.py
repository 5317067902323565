"""The Jupyter server's extension: it is found, it leaves the server's own class in place, and the socket is set."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from course_lib import jupyter


def test_jupyter_finds_it_and_can_load_it():
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager
    from jupyter_server.extension.manager import ExtensionPackage

    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    assert manager.get_jpserver_extensions()["course_lib.jupyter"] is True
    assert ExtensionPackage(name="course_lib.jupyter").validate()


def test_the_server_keeps_its_own_connections_with_their_settings():
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection as Own
    from traitlets.config import Config

    app = SimpleNamespace(web_app=SimpleNamespace(settings={"kernel_websocket_connection_class": Own}))
    jupyter._load_jupyter_server_extension(app)
    new = app.web_app.settings["kernel_websocket_connection_class"]
    assert issubclass(new, Own)
    assert new is not Own
    config = Config({"ZMQChannelsWebsocketConnection": {"iopub_data_rate_limit": 7.0}})
    assert new(config=config).iopub_data_rate_limit == 7
    assert new._open_sockets is Own._open_sockets  # the server closes all of them when it stops


@pytest.mark.parametrize("prompt", [True, False])
def test_small_messages_do_not_wait(prompt):
    """TCP_NODELAY is set before the kernel is connected; without the extension it is not set."""
    from tornado import web, websocket
    from tornado.httpserver import HTTPServer

    seen = []

    class Own:
        def __init__(self, handler):
            self.websocket_handler = handler

        async def connect(self):
            stream = self.websocket_handler.ws_connection.stream
            seen.append(stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            return "connected"

    class Handler(websocket.WebSocketHandler):
        async def open(self):
            seen.append(await (jupyter.prompt(Own) if prompt else Own)(self).connect())
            self.close()

    async def talk():
        server = HTTPServer(web.Application([("/", Handler)]))
        server.listen(0, "127.0.0.1")
        port = next(iter(server._sockets.values())).getsockname()[1]
        client = await websocket.websocket_connect(f"ws://127.0.0.1:{port}/")
        assert await client.read_message() is None  # closed: it has been connected
        server.stop()

    asyncio.run(talk())
    assert seen == [int(prompt), "connected"]
