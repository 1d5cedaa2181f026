"""The FastAPI application of a service: its routers, and what all services answer alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from shared.database import Database, disk
from shared.http import comparisons, dead_letters, pauses, problems, state
from shared.http.metrics import read_metrics
from shared.http.middleware import ServiceEdge
from shared.messaging.comparison import Comparison
from shared.messaging.readers import find_delay
from shared.messaging.waiting import waits_for
from shared.service import Service

MAX_BODY = 16 * 1024 * 1024
"""Bytes; the largest register of the largest school is about 100 kB."""

DISK_FULL = "Within the last minute it had no room to store something. Make room: what was stored stays, and work goes on by itself."

DOCS_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
"""Swagger UI starts by a script within its page, and holds its icons as data."""


class _Application(FastAPI):
    """FastAPI with the edge around all of its own layers, which cost a request more than the edge does."""

    edge: ServiceEdge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        await self.edge(scope, receive, send)

    async def inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle what the edge lets in."""
        await super().__call__(scope, receive, send)


def create_app(service: Service, database: Database, comparison: Comparison | None = None) -> FastAPI:
    """Return the service's web application over its database, which refuses to work while that is older than its topic."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await database.dispose()

    app = _Application(
        title=service.title,
        summary=service.summary,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        max_body_size=MAX_BODY,
    )
    app.state.database = database
    app.state.service = service
    app.state.stopping = asyncio.Event()  # whoever serves the application puts its own in place
    problems.install(app)
    app.mount("/docs/files", StaticFiles(packages=[("fastapi_offline", "static")]))
    app.add_route("/docs", _docs)
    for router in [*service.routers, dead_letters.router, state.router, comparisons.router, pauses.router]:
        app.include_router(router)

    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        return await _readiness(service, database, comparison)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(await read_metrics(service.name, database), media_type=CONTENT_TYPE_LATEST)

    app.openapi = partial(_described, app)  # type: ignore[method-assign]  # FastAPI's documented way
    public = frozenset(
        route.path
        for router in service.routers  # of the application's own routes the routers are one each
        for route in router.routes
        if isinstance(route, APIRoute) and getattr(getattr(route.endpoint, "access", None), "public", False)
    )
    app.edge = ServiceEdge(app.inside, service=service, database=database, public=public, comparison=comparison)
    return app


async def _readiness(service: Service, database: Database, comparison: Comparison | None) -> Response:
    """Return whether a service can do its work, and if not, why."""
    if comparison and (refusal := comparison.refuse()):
        return problems.answer(refusal)
    if full := disk.complaint() or (database.disk_is_full() and DISK_FULL):
        return problems.untyped(503, "The disk of the database is full", detail=full)
    try:
        if await database.ready():
            delay = await find_delay(database, service.name, seconds=0.4) if service.judges_events else None
            if delay:
                return problems.untyped(503, "Not everything that was published has been read", detail=waits_for.get(service.name, delay))
            waits = {"waits_for": waits_for[service.name]} if service.name in waits_for else {}
            return JSONResponse({"status": "ready", **waits})
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # a TimeoutError is an OSError
        pass
    return problems.untyped(503, "The database does not answer or is not migrated")


async def _docs(request: Request) -> Response:
    """Show the description of the API. Its files come with a package; a header forbids the browser to load others."""
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=request.app.title,
        swagger_js_url="docs/files/swagger-ui-bundle.js",
        swagger_css_url="docs/files/swagger-ui.css",
        swagger_favicon_url="docs/files/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},  # an image of another site, otherwise
    )
    page.headers["content-security-policy"] = DOCS_POLICY
    return page


def _described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the bearer token and with refusals as problems."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        components = document.setdefault("components", {})
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        components.setdefault("schemas", {})["Problem"] = _PROBLEM
        refusal = {
            "description": "Refused (RFC 9457)",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                operation["responses"]["4XX"] = refusal
        document["security"] = [{"bearer": []}]
        app.openapi_schema = document
    return app.openapi_schema


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
