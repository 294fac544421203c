"""The pages: what `web/` was built to, sent with a policy that lets a browser run nothing else."""

from __future__ import annotations

import mimetypes
import re
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from glede.errors import NotFoundError

router = APIRouter(include_in_schema=False)
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline, nothing from elsewhere: a document's text that reaches a page can run nothing (S8)."""
_FRESH = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
_FOREVER = {"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=31536000, immutable"}
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")
_KINDS = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
"""Said here, since what a machine's own table of types says differs."""


@router.get("/")
async def index() -> Response:
    """The page; which of them is said behind the `#`. Asks nobody who they are: it holds no data."""
    return Response(_file("index.html"), media_type="text/html", headers=_FRESH)


@router.get("/icon.svg")
async def icon() -> Response:
    """The picture beside its name."""
    return Response(_file("icon.svg"), media_type=_KINDS[".svg"], headers=_FRESH)


@router.get("/licenses.md")
@router.get("/licenses-of-workers.txt")
async def licenses(request: Request) -> Response:
    """The licenses of the libraries that are bundled into the page and its workers."""
    return Response(_file(request.url.path.strip("/")), media_type="text/plain", headers=_FRESH)


@router.get("/assets/{file}")
async def asset(file: str) -> Response:
    """What the page loads: scripts, styles and fonts, named by what is in them: they never change."""
    if not _NAME.fullmatch(file):
        raise _missing()
    suffix = "." + file.rpartition(".")[2]
    kind = _KINDS.get(suffix) or mimetypes.guess_type(file)[0] or "application/octet-stream"
    return Response(_file(f"assets/{file}"), media_type=kind, headers=_FOREVER)


@cache
def _file(name: str) -> bytes:
    try:
        return files("glede.server.pages").joinpath(name).read_bytes()
    except (FileNotFoundError, ModuleNotFoundError, IsADirectoryError) as error:
        raise _missing() from error


def _missing() -> NotFoundError:
    return NotFoundError("there is no such page", hint="The pages begin at /.")
