"""A list of blocks given as Python values, written down as a document: canonical JSON, pictures inside."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from glede.errors import LimitError, UsageError
from glede.media import detect
from glede.parsing import MAX_PICTURE
from glede.sources.items import Content, Item, read


def content_of(
    blocks: Sequence[Mapping[str, object]], source: str, max_bytes: int, max_picture: int = MAX_PICTURE
) -> Content:
    """The document of the blocks; the pictures at their `img_path` are read and put inside.

    The paths are the caller's own. Raises `UsageError` where the blocks are no blocks or hold what JSON
    cannot, `UnreadableError` for a picture that cannot be read, and `LimitError` where they hold more than
    `max_bytes` in all.
    """
    left = max_bytes
    ready: list[Mapping[str, object]] = []
    for place, block in enumerate(blocks):
        if not isinstance(block, Mapping) or not isinstance(block.get("type"), str):
            raise UsageError(f"block {place} is no mapping with a type", hint='For example {"type": "text"}.')
        whole = _with_picture(block, min(max_picture, max(left, 0)))
        left -= len(str(whole.get("img_path") or ""))
        if left < 0:
            raise LimitError(
                f"the pictures hold more than {max_bytes / 2**20:g} MiB",
                hint="Raise it with GLEDE_MAX_FILE_MB.",
            )
        ready.append(whole)
    try:
        text = json.dumps(ready, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"the blocks cannot be written as JSON: {error}") from error
    return Content(f'{{"content_list":{text}}}'.encode("utf-8", "replace"), source)


def _with_picture(block: Mapping[str, object], most: int) -> Mapping[str, object]:
    """The block with the picture that it names; only what is a picture is taken in."""
    path = block.get("img_path")
    if isinstance(path, Path):
        path = str(path)
    if not isinstance(path, str) or not path.strip() or path.lstrip().lower().startswith("data:"):
        return block
    file = Path(path).expanduser()
    data, _ = read(Item(str(file), path=file), most)
    media_type = detect(data)
    if not media_type.startswith("image/"):
        raise UsageError(f"{path} is no picture")
    inside = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    return {**block, "img_path": inside}
