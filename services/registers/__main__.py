"""`python -m services.registers api|worker|migrate`."""

from services.registers.app import SERVICE
from shared.runtime import main

if __name__ == "__main__":
    main(SERVICE)
