"""The stand-ins' web servers, on the ports after those of the services."""

from attendance.standins import notify, pay
from shared.runtime import Server
from shared.settings import settings


def pay_server() -> Server:
    """Return the server of the stand-in for GOV.UK Pay, which posts its messages to penalties."""
    webhook_url = f"{settings().service_url('penalties')}/v1/webhooks/govuk-pay"
    return Server(pay.create(settings().data / "stand-ins", webhook_url, settings().pay_secret or ""), settings().port + 6)


def notify_server() -> Server:
    """Return the server of the stand-in for GOV.UK Notify."""
    return Server(notify.create(settings().data / "stand-ins", settings().notify_api_key), settings().port + 7)
