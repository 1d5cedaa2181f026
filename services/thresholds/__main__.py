"""Run as `python -m services.thresholds api|worker|migrate`."""

from services.thresholds.app import SERVICE
from shared.runtime import main

main(SERVICE)
