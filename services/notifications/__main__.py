"""`python -m services.notifications api|worker|migrate`."""

from services.notifications.app import SERVICE
from shared.runtime import main

main(SERVICE)
