"""The service over a real database, and what its tests send."""

from services.registers.app import SERVICE
from shared.testing import service_fixtures

database, tx, api = service_fixtures(SERVICE)
