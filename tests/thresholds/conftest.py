"""The service over a real database."""

from services.thresholds.app import SERVICE
from shared.testing import service_fixtures

database, tx, api = service_fixtures(SERVICE)
