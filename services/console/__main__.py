"""Run `python -m services.console api`."""

import asyncio
import sys

from services.console.app import create_console
from services.console.connections import PageConnection
from shared.observability import configure_logs
from shared.runtime import Server, serve, until_signalled
from shared.settings import settings


async def _api(stopping: asyncio.Event) -> None:
    server = Server(create_console(settings()), settings().service_port("console"), "0.0.0.0", PageConnection)
    await serve(server, stopping, lambda: print(f"ready {settings().service_url('console')} console", flush=True))  # noqa: T201 -- the process that started it waits for this line


def main() -> None:
    """Serve the pages until the process is asked to stop."""
    if sys.argv[1:] != ["api"]:
        raise SystemExit("usage: python -m services.console api")
    configure_logs()
    until_signalled(_api)


main()
