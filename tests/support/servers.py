"""Servers on loopback for what the product asks over real sockets: no test waits for one to begin or to end."""

import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from fastapi import FastAPI
from starlette.types import ASGIApp

from shared.runtime import Server


class LoopbackServer(ThreadingHTTPServer):
    """A server in threads of its own, for what may be asked while the loop of the test is busy."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        """End, and close the port."""
        # Only its own socket wakes the thread that waits at it: it looks twice a second whether it should end.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.shutdown()
        self.server_close()


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application on a free loopback port; give its address."""
    # The steps of uvicorn's own loop without its rests, which are a quarter of a second long in all.
    server = Server(cast("FastAPI", app), 0)
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.servers[0].close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        await server.lifespan.shutdown()
