"""DashScope's native call for embeddings of texts and pictures, checked as its documentation says.

https://help.aliyun.com/en/model-studio/multimodal-embedding-api-reference: at most 20 contents a call, of
which 8 pictures, each of up to 3 MB. Texts past the limit of tokens are cut off, as the older pages say.
"""

from __future__ import annotations

from collections.abc import Mapping

from glede.testing.model_cards import ANY, Card, card_of
from glede.testing.model_requests import PICTURE_BYTES, PICTURES, EmbeddingRequest, Limits, picture_of
from glede.testing.model_wire import Body, Refusal

_CONTENTS = 20


def invalid(message: str) -> Refusal:
    """For a parameter that DashScope does not take."""
    return Refusal(message, "InvalidParameter")


def native_request(body: Body, limits: Limits) -> EmbeddingRequest:
    """Texts and pictures to embed."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise Refusal('Required parameter "model" missing from request.', "BadRequest.EmptyModel")
    card = card_of(model)
    if model not in limits.models or "multimodal" not in card.routes:
        raise Refusal("Model can not be found.", "ModelNotFound", status=404)
    found = body.get("input")
    if not found:
        raise Refusal("Required input parameter missing from request.", "BadRequest.EmptyInput")
    contents = found.get("contents") if isinstance(found, dict) else None
    if not isinstance(contents, list) or not contents:
        raise invalid("Required parameter(s) missing or invalid: input.contents.")
    if len(contents) > min(card.batch, _CONTENTS):
        raise invalid(f"The number of contents should be at most {_CONTENTS}, and is {len(contents)}.")
    dimension = _dimension(body.get("parameters"), card, limits)
    return _embedding_request(model, contents, dimension, card)


def _embedding_request(model: str, contents: list[object], dimension: int, card: Card) -> EmbeddingRequest:
    texts: list[str] = []
    pictures: list[tuple[int, bytes]] = []
    for place, content in enumerate(contents):
        kind, value = _content(content, place)
        if kind == "image":
            pictures.append((place, _picture(value, place, card)))
        texts.append(value[: (card.context or len(value)) * 4] if kind == "text" else "")
    if len(pictures) > PICTURES:
        raise invalid(f"The number of images should be at most {PICTURES}, and is {len(pictures)}.")
    return EmbeddingRequest(model, tuple(texts), dimension, pictures=tuple(pictures))


def _content(content: object, place: int) -> tuple[str, str]:
    if not isinstance(content, dict) or len(content) != 1:
        raise invalid(f"input.contents[{place}] must be an object with one of text and image.")
    ((kind, value),) = content.items()
    if kind not in ("text", "image") or not isinstance(value, str):
        raise invalid(f"input.contents[{place}] must hold a text or an image.")
    if not value:
        raise invalid(f"input.contents[{place}].{kind} must not be empty.")
    return kind, value


def _picture(url: str, place: int, card: Card) -> bytes:
    if url.startswith(("https://", "http://")):
        return url.encode()  # nothing is fetched: the address stands for the picture
    try:
        media_type, data = picture_of(url, f"input.contents[{place}].image")
    except Refusal as refusal:
        raise invalid(refusal.message) from refusal
    if media_type not in card.pictures:
        raise Refusal("The image format is illegal and cannot be opened.", "InvalidParameter.DataInspection")
    if len(data) > PICTURE_BYTES:
        raise invalid(f"The size of an image should be at most {PICTURE_BYTES >> 20} MB.")
    return data


def _dimension(parameters: object, card: Card, limits: Limits) -> int:
    own = card.dimension or limits.dimension
    if parameters is None:
        return own
    if not isinstance(parameters, Mapping):
        raise invalid("parameters must be an object.")
    asked = parameters.get("dimension", own)
    fits = isinstance(asked, int) and (asked in card.lengths or (card is ANY and 0 < asked <= own))
    if not fits:
        raise invalid(f"The dimension {asked} is not supported; supported are {list(card.lengths) or own}.")
    return int(asked)
