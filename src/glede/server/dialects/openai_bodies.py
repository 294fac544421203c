"""What clients of OpenAI send, as far as we use it; they send much that means nothing to us."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from glede.server.dialects.talks import Said
from glede.server.refusals import InvalidError

_DATA = "base64,"


class Loose(BaseModel):
    """A body of another's API: fields that we do not use are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ImageUrl(Loose):
    """A picture; only `data:` addresses are read, since nobody may have our machine fetch others."""

    url: str


class Part(Loose):
    """A part of a message."""

    type: str
    text: str = ""
    image_url: ImageUrl | None = None


class Message(Loose):
    """One message."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def said(self) -> Said:
        """Its words and its last picture; raises `InvalidError`."""
        if not isinstance(self.content, list):
            return Said(self.role, self.content or "")
        text = "\n".join(part.text for part in self.content if part.type == "text")
        urls = [part.image_url.url for part in self.content if part.image_url is not None]
        return Said(self.role, text, _picture(urls[-1]) if urls else None)


def _picture(url: str) -> str:
    if not url.startswith("data:image/") or _DATA not in url[:100]:
        raise InvalidError("a picture comes as a data: address in base64")
    return url.partition(_DATA)[2]


class StreamOptions(Loose):
    """What a stream is to tell beside the answer."""

    include_usage: bool = False


class ChatBody(Loose):
    """`POST /v1/chat/completions`; `as_of` is ours, a date whose documents are asked."""

    model: Annotated[str, Field(max_length=200)]
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int | None, Field(ge=1, le=1)] = None
    as_of: str | None = None


class InputPart(Loose):
    """A part of an item of `/v1/responses`."""

    type: str
    text: str = ""
    image_url: str | None = None


class InputItem(Loose):
    """A message of `/v1/responses`; items of other types, as calls of tools, have no role."""

    role: Literal["system", "developer", "user", "assistant"] | None = None
    content: str | list[InputPart] | None = None

    def said(self) -> Said:
        """Its words and its last picture; raises `InvalidError`."""
        if not isinstance(self.content, list):
            return Said(self.role or "", self.content or "")
        text = "\n".join(part.text for part in self.content if part.text)
        urls = [part.image_url for part in self.content if part.image_url is not None]
        return Said(self.role or "", text, _picture(urls[-1]) if urls else None)


class ResponsesBody(Loose):
    """`POST /v1/responses`; `as_of` is ours, a date whose documents are asked."""

    model: Annotated[str, Field(max_length=200)]
    input: str | Annotated[list[InputItem], Field(min_length=1, max_length=1000)]
    stream: bool | None = False
    previous_response_id: str | None = None
    as_of: str | None = None

    def messages(self) -> list[Said]:
        """The conversation, the question last."""
        if isinstance(self.input, str):
            return [Said("user", self.input)]
        return [one.said() for one in self.input if one.role is not None]


class EmbeddingBody(Loose):
    """`POST /v1/embeddings`."""

    model: Annotated[str, Field(max_length=200)]
    input: str | Annotated[list[str], Field(min_length=1, max_length=2048)]
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: int | None = None
