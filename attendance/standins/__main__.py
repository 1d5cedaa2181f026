"""`python -m attendance.standins pay|notify` serves one stand-in, where services run as separate processes."""

import sys

from starlette.types import ASGIApp

from attendance.standins import notify, pay
from shared.runtime import Server, serve, until_signalled
from shared.settings import settings


def main() -> None:
    """Serve the named stand-in until the process is asked to stop."""
    folder = settings().data / "stand-ins"
    folder.mkdir(parents=True, exist_ok=True)
    app: ASGIApp
    match sys.argv[1:]:
        case ["pay"]:
            app, offset = (
                pay.create(folder, f"{settings().service_url('penalties')}/v1/webhooks/govuk-pay", settings().pay_secret or ""),
                6,
            )
        case ["notify"]:
            app, offset = notify.create(folder, settings().notify_api_key), 7
        case _:
            raise SystemExit("usage: python -m attendance.standins pay|notify")
    until_signalled(lambda stopping: serve(Server(app, settings().port + offset), stopping, lambda: None))


main()
