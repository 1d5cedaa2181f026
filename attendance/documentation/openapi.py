"""`docs/openapi/<service>.json`: each service's API as it describes itself at `/openapi.json`."""

from pathlib import Path

from attendance.documentation.catalogue import ROOT, as_json, services
from shared.database import Database
from shared.http.app import create_app

FOLDER = ROOT / "docs" / "openapi"


def files() -> dict[Path, str]:
    """Return each service's OpenAPI document; no database is asked."""
    nowhere = Database("postgresql+asyncpg://nobody@localhost/nowhere")
    return {FOLDER / f"{name}.json": as_json(create_app(service, nowhere).openapi()) for name, service in services().items()}
