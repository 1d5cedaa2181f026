"""`python -m attendance.standins pay|notify` serves one stand-in, where services run as separate processes."""

import sys

from attendance.standins.servers import notify_server, pay_server
from shared.runtime import serve, until_signalled

SERVERS = {"pay": pay_server, "notify": notify_server}


def main() -> None:
    """Serve the named stand-in until the process is asked to stop."""
    if len(sys.argv) != 2 or sys.argv[1] not in SERVERS:
        raise SystemExit("usage: python -m attendance.standins pay|notify")
    until_signalled(lambda stopping: serve(SERVERS[sys.argv[1]](), stopping, lambda: None))


main()
