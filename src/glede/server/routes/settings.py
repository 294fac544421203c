"""The settings in force, and where each of them comes from."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from glede.server.access import Ruler, Serving
from glede.server.replies import replied
from glede.settings import Settings, shown

router = APIRouter(prefix="/v1/settings", tags=["operations"])


@router.get("")
async def listed(service: Serving, caller: Ruler) -> Response:
    """All settings, secrets hidden; takes `admin:*`."""
    settings = service.engine.settings
    rows = [
        {"name": name, "value": shown(settings, name), "origin": service.origins.get(name, "default")}
        for name in Settings.model_fields
    ]
    return replied({"settings": rows})
