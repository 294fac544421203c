"""The application: all routes, the guard before them, and errors as problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from glede import __version__
from glede.server.access import is_known
from glede.server.assistants import Assistants
from glede.server.described import PROBLEMS
from glede.server.dialects import ollama, openai, responses
from glede.server.guarding import Guard, Guarding
from glede.server.problems import handle
from glede.server.repeating import Repeating, Replies
from glede.server.routes import (
    assistants,
    collections,
    details,
    documents,
    graph,
    jobs,
    operations,
    pages,
    past,
    questions,
    reranking,
    settings,
    tables,
    upkeep,
)
from glede.server.service import Service

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig
    from starlette.types import ASGIApp

ROUTERS = (
    pages,
    operations,
    settings,
    collections,
    documents,
    details,
    questions,
    reranking,
    graph,
    tables,
    jobs,
    past,
    upkeep,
    openai,
    responses,
    ollama,
    assistants,
)


NOT_ITS_OWN: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""The framework would tell OpenTelemetry of paths and queries, which name what documents are about."""


def application(service: Service) -> FastAPI:
    """The routes of a server; `guarded` puts the guard before them."""
    made = FastAPI(
        title="Glede",
        version=__version__,
        description="Multimodal RAG: documents of any kind in, answers with checked citations out.",
        responses=PROBLEMS,
        docs_url=None,  # those pages fetch their scripts from a CDN
        redoc_url=None,
        openapi_url=None,  # our own route asks who calls
        telemetry=NOT_ITS_OWN,
    )
    made.state.service = service
    made.state.assistants = Assistants(service)
    handle(made)
    for module in ROUTERS:
        made.include_router(module.router)
    return made


def guarded(made: FastAPI, guard: Guard) -> ASGIApp:
    """The application as it is served."""
    service: Service = made.state.service
    replies = Replies(service.engine.settings.home)
    repeating = Repeating(made, replies, lambda headers: is_known(headers, service))
    return Guarding(repeating, guard, service.metrics)
