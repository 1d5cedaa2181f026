"""`python -m services.prosecutions api|worker|migrate`."""

from services.prosecutions.app import SERVICE
from shared.runtime import main

main(SERVICE)
