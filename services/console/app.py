"""The console's web application: its pages, style sheets and health."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from services.console import errors, rendering
from services.console.clients import SECONDS
from services.console.middleware import ConsoleEdge
from services.console.pages import ROUTERS
from shared.http.client import connection_pool
from shared.settings import Settings

MAX_FORM = 256 * 1024
"""Bytes; free text in a form is at most a few thousand characters."""


def create_console(settings: Settings) -> FastAPI:
    """Return the console over the services that the settings name."""
    http = connection_pool(SECONDS)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await http.aclose()

    app = FastAPI(
        title="Console",
        summary="Web pages for officers, schools and operations.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.http = http
    errors.add_handlers(app)
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.mount("/assets", rendering.Assets(directory=rendering.ASSETS))
    if rendering.STATIC.is_dir():
        app.mount("/static", rendering.Assets(directory=rendering.STATIC))

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        """The process responds."""
        return {"status": "live"}

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        """The pages are served; they name a service that is down."""
        return {"status": "ready"}

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_FORM)  # within the edge, which makes a page of what it refuses
    app.add_middleware(
        ConsoleEdge,
        foreign=errors.foreign_form_app,
        fail=errors.server_error_app,
        explain=errors.problem_app,
        public_url=settings.public_url,
    )
    return app
