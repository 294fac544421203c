"""Errors as responses: RFC 9457 problems, and in the places of OpenAI and Ollama what their clients read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from glede import errors
from glede.errors import GledeError, first_of
from glede.server.refusals import CallError, InvalidError, NoModelError, TooLargeError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from glede.shapes.results import Json

log = logging.getLogger(__name__)
STATUSES: Mapping[type[GledeError], int] = {
    errors.NotFoundError: 404,
    errors.UsageError: 400,
    errors.ModelMismatchError: 409,
    errors.ConfigurationError: 500,
    NoModelError: 409,
    errors.CredentialsError: 502,
    errors.UnknownModelError: 502,
    errors.DimensionError: 502,
    errors.UnavailableError: 503,
    errors.DiskFullError: 507,
    errors.ModelError: 502,
    errors.RateLimitError: 503,
    errors.ModelTimeoutError: 504,
    errors.ContextLengthError: 413,
    errors.ContentFilterError: 422,
    errors.InterruptedRunError: 503,
    errors.BudgetError: 402,
    errors.DocumentError: 422,
    errors.LimitError: 413,
    errors.UnsupportedError: 415,
}
"""The status of each kind of error; the nearest base class counts."""
OPENAI = ("/v1/chat/", "/v1/models", "/v1/embeddings", "/v1/responses")
OLLAMA = ("/api/",)
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class UnforeseenError(GledeError):
    """Something that we did not foresee; the log tells of it under the id of the request."""

    code = "internal"
    default_hint = "The server's log has the whole story under this request_id."


def status_of(error: GledeError) -> int:
    """The status that an error is answered with."""
    if isinstance(error, CallError):
        return error.status
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def problem(error: GledeError, request_id: str = "") -> Mapping[str, Json]:
    """An RFC 9457 problem with our code and hint."""
    status = status_of(error)
    return {
        "type": f"urn:glede:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message,
        "code": error.code,
        "hint": error.hint,
        "request_id": request_id,
    }


def openai_error(error: GledeError) -> Mapping[str, Json]:
    """An error as the clients of OpenAI read it."""
    status = status_of(error)
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
    kind = kinds.get(status) or ("rate_limit_error" if status == 429 else "server_error")
    if 400 <= status < 500 and kind == "server_error":
        kind = "invalid_request_error"
    return {
        "error": {
            "message": f"{error.message} ({error.hint})",
            "type": kind,
            "param": None,
            "code": error.code,
        }
    }


def response_of(error: GledeError, path: str, request_id: str) -> Response:
    """The response to an error, as those who call that path understand it."""
    status, media_type = status_of(error), "application/json"
    body: Mapping[str, Json]
    if path.startswith(OPENAI):
        body = openai_error(error)
    elif path.startswith(OLLAMA):
        body = {"error": f"{error.message} ({error.hint})"}
    else:
        body, media_type = problem(error, request_id), "application/problem+json"
    return Response(orjson.dumps(body), status, _headers(error, status), media_type)


def _headers(error: GledeError, status: int) -> dict[str, str]:
    headers = {}
    wait = getattr(error, "retry_after", None)
    if wait is not None or status in (429, 503):
        headers["Retry-After"] = str(max(1, round(wait or 5)))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def ours(error: BaseException, request_id: str = "") -> GledeError:
    """The error as one of ours; what we did not foresee is logged, and says nothing of itself."""
    if isinstance(error, BaseExceptionGroup):
        error = first_of(error)
    if isinstance(error, GledeError):
        return error
    log.error("request %s failed", request_id, exc_info=error)
    return UnforeseenError("something went wrong that should not")


def of_stream(error: BaseException, request: Request) -> GledeError:
    """The error that ends a stream, whose status was sent before; the log has its code."""
    found = ours(error, request_id_of(request))
    request.scope["glede.code"] = found.code
    return found


def request_id_of(request: Request) -> str:
    """The id that the guard has given to a request."""
    return str(request.scope.get("glede.request_id", ""))


def handle(application: FastAPI) -> None:
    """Let every error of the application be answered here."""

    async def known(request: Request, error: Exception) -> Response:
        return _answered(request, ours(error, request_id_of(request)))

    async def invalid(request: Request, error: Exception) -> Response:
        found = InvalidError("invalid")
        if isinstance(error, RequestValidationError):
            first = error.errors()[0]
            found = InvalidError.at(first["loc"], first["msg"])
        return _answered(request, found)

    async def plain(request: Request, error: Exception) -> Response:
        return _plain(request, error)

    for kind in (GledeError, ExceptionGroup, Exception):
        application.add_exception_handler(kind, known)
    application.add_exception_handler(RequestValidationError, invalid)
    application.add_exception_handler(HTTPException, plain)


def _answered(request: Request, error: GledeError) -> Response:
    request.scope["glede.code"] = error.code  # the log tells of it
    return response_of(error, request.url.path, request_id_of(request))


def _plain(request: Request, error: Exception) -> Response:
    """What the framework refuses: unknown paths and methods, and bodies that are no JSON."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    found: GledeError
    if status == 413:
        found = TooLargeError("the body is larger than allowed")
    elif status in (400, 422):
        found = InvalidError("the body cannot be read")
    else:
        found = _PlainError(f"{HTTPStatus(status).phrase}: {request.method} {request.url.path[:200]}")
        found.code, found.status = _CODES.get(status, "refused"), status  # type: ignore[misc]
    response = _answered(request, found)
    response.headers.update(getattr(error, "headers", None) or {})
    return response


class _PlainError(CallError):
    default_hint = "/v1/openapi.json lists all paths and their methods."
