"""`python -m services.penalties api|worker|migrate`."""

from services.penalties.app import SERVICE
from shared.runtime import main

if __name__ == "__main__":
    main(SERVICE)
