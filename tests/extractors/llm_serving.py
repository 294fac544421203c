"""What tests of the extractor with a model share: a model that reads, and the chain of its wrappers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise

import orjson

from glede.endpoints import ChatModel, Responses
from glede.extractors.llm import LlmExtractor
from glede.knowledge import DocumentGraph, Mention
from glede.providers import opened_models
from glede.settings import Settings
from glede.testing.fake_models import MemoryLedger, MemoryResponses
from glede.testing.fakes import FakeEmbedder
from glede.testing.model_server import ChatRequest, ModelServer
from glede.testing.model_wire import tokens_of
from glede.types import Chunk, Parsed

NAME = re.compile(r"\b[A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+)*")
_CHUNK = re.compile(r"^==[0-9a-f]{6} (\d+|end|names)")
KITE = "The Red Kite lives in Wales. It was watched there by Anna Weber."
STORE = "Milvus keeps vectors. Zilliz wrote Milvus in Shanghai."
WORDS = Parsed("text/plain", "plain@1", (), title="Birds")


def chunks_of_words(*texts: str) -> list[Chunk]:
    return [
        Chunk(f"{place:032x}", "d" * 32, place, text, "text", tokens=len(text) // 4)
        for place, text in enumerate(texts)
    ]


def shown_chunks(request: ChatRequest) -> list[tuple[int, str]]:
    """The chunks of a request by their numbers, as a model sees them."""
    found: list[tuple[int, list[str]]] = []
    for line in request.messages[-1].text.splitlines():
        match = _CHUNK.match(line)
        if match is None:
            if found:
                found[-1][1].append(line)
        elif match[1].isdigit():
            found.append((int(match[1]), []))
        else:
            break
    return [(number, "\n".join(lines)) for number, lines in found]


def entity(name: str, chunk: int = 1, kind: str = "name", description: str = "") -> dict[str, object]:
    return {"chunk": chunk, "name": name, "type": kind, "description": description}


def fact(source: str, label: str, target: str, chunk: int = 1) -> dict[str, object]:
    return {"chunk": chunk, "source": source, "label": label, "target": target}


def reply(entities: Sequence[object] = (), facts: Sequence[object] = ()) -> str:
    return orjson.dumps({"entities": list(entities), "facts": list(facts)}).decode()


def reads(request: ChatRequest) -> str:
    """A model that notes all names, and says that each meets the next."""
    entities, facts = [], []
    for number, text in shown_chunks(request):
        names = list(dict.fromkeys(NAME.findall(text)))[:14]
        entities += [entity(name, number) for name in names]
        facts += [fact(one, "meets", two, number) for one, two in pairwise(names)]
    return reply(entities, facts)


class Names:
    """An extractor without a model, for tests: every run of capitalised words is a name."""

    fingerprint = "names@1"

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        mentions = tuple(
            Mention(name, "name", place)
            for place, chunk in enumerate(chunks)
            for name in dict.fromkeys(NAME.findall(chunk.text))
        )
        return DocumentGraph(chunks[0].document_id, self.fingerprint, mentions)


@asynccontextmanager
async def reading_model(
    server: ModelServer, kept: Responses | None = None, **more: object
) -> AsyncIterator[ChatModel]:
    """The model of the role `extract` with all its wrappers, at a server."""
    settings = Settings.model_validate(
        {"extract": "openai:gpt-4o", "extract_url": server.url, "openai_key": server.key, "model_tries": 1}
        | more
    )
    async with opened_models(settings, kept or MemoryResponses(), MemoryLedger(), FakeEmbedder()) as models:
        assert models.extract is not None
        yield models.extract


async def extracted(server: ModelServer, *texts: str, base: bool = False, **more: object) -> DocumentGraph:
    async with reading_model(server) as chat:
        extractor = LlmExtractor(chat, Names() if base else None, **more)  # type: ignore[arg-type]
        return await extractor.extract(WORDS, chunks_of_words(*texts))


def page(tokens: int, seed: int = 0) -> str:
    """A text of so many tokens by the server's count, with a name here and there."""
    words: list[str] = []
    while tokens_of(" ".join(words)) < tokens:
        place = len(words) + seed
        words.append(f"Kite{place}" if place % 40 == 0 else "flies")
    return " ".join(words)
