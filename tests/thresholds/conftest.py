"""The service over a real database."""

from services.thresholds.app import SERVICE
from tests.support import service_fixtures

database, tx, api = service_fixtures(SERVICE)
