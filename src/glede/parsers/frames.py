"""How the parser process and its owner talk: a JSON header, then bytes, over pipes. No pickle."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from glede.adding.parsed_json import dump_parsed, load_parsed
from glede.errors import DocumentError, GledeError, MalformedError
from glede.parsing import ParseOptions
from glede.types import Parsed

LENGTH = struct.Struct(">I")
MOST_HEADER = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Job:
    """One document to parse; `processor_seconds` is where the system itself ends the process.

    The `parser` stands at `place`, as `module:name`: the process itself knows of no plug-ins.
    """

    data: bytes
    media_type: str
    parser: str
    place: str
    options: ParseOptions
    processor_seconds: int = 3600


def pack_job(job: Job) -> list[bytes]:
    """The pieces of a request, to be written one after another."""
    header = orjson.dumps(
        {
            "media_type": job.media_type,
            "parser": job.parser,
            "place": job.place,
            "options": job.options,
            "processor_seconds": job.processor_seconds,
            "size": len(job.data),
        }
    )
    return [LENGTH.pack(len(header)), header, job.data]


def unpack_job(header: bytes) -> tuple[int, Job]:
    """The job of a header, without its data, and how many bytes of data follow."""
    fields = orjson.loads(header)
    options = ParseOptions(**fields["options"])
    media_type, parser, place = (fields[name] for name in ("media_type", "parser", "place"))
    job = Job(b"", media_type, parser, place, options, fields["processor_seconds"])
    return fields["size"], job


def pack_pages(count: int | None, *, easy: bool) -> list[bytes]:
    """The pieces of a word ahead of the reply: so many pages are about to be read, `None` if not known.

    `easy` tells whether they cost little.
    """
    header = orjson.dumps({"pages": count, "easy": easy})
    return [LENGTH.pack(len(header)), header]


def pack_loading(begins: bool) -> list[bytes]:
    """The pieces of a word ahead of the reply: the parser begins, or has ended, to load its library."""
    header = orjson.dumps({"loading": begins})
    return [LENGTH.pack(len(header)), header]


def pack_parsed(parsed: Parsed) -> list[bytes]:
    """The pieces of a good reply."""
    body = dump_parsed(parsed)
    assets = sorted(parsed.assets.items())
    sizes = [[key, len(data)] for key, data in assets]
    header = orjson.dumps({"size": len(body), "assets": sizes})
    return [LENGTH.pack(len(header)), header, body, *(data for _, data in assets)]


def pack_error(error: GledeError) -> list[bytes]:
    """The pieces of a reply that says why there is none."""
    header = orjson.dumps({"error": [error.code, error.message, error.hint]})
    return [LENGTH.pack(len(header)), header]


@dataclass(frozen=True, slots=True)
class Pace:
    """How many pages are about to be read, if that is known, and whether they cost little."""

    pages: int | None = None
    easy: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The header of a reply: an error, or the sizes of what follows; before it, a `pace` or `loading`."""

    error: GledeError | None = None
    size: int = 0
    assets: Sequence[tuple[str, int]] = ()
    pace: Pace | None = None
    loading: bool | None = None

    @property
    def total(self) -> int:
        """How many bytes follow."""
        return self.size + sum(size for _, size in self.assets)

    def parsed(self, body: bytes) -> Parsed:
        """What the bytes say."""
        assets, start = {}, self.size
        for key, size in self.assets:
            assets[key] = body[start : start + size]
            start += size
        return load_parsed(body[: self.size], assets)


def unpack_reply(header: bytes) -> Reply:
    """A reply's header; raises `MalformedError` where a broken process wrote something else."""
    try:
        fields = orjson.loads(header)
        if "error" in fields:
            code, message, hint = fields["error"]
            return Reply(_error_of(str(code))(str(message), hint=str(hint)))
        if "pages" in fields:
            pages = fields["pages"]
            return Reply(pace=Pace(None if pages is None else int(pages), bool(fields["easy"])))
        if "loading" in fields:
            return Reply(loading=bool(fields["loading"]))
        assets = [(str(key), int(size)) for key, size in fields["assets"]]
        sizes = [int(fields["size"]), *(size for _, size in assets)]
        if min(sizes) < 0:
            raise ValueError("negative size")
        return Reply(size=sizes[0], assets=assets)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise MalformedError("the parser answered nonsense") from error


def _error_of(code: str) -> type[GledeError]:
    kinds: list[type[GledeError]] = [GledeError]
    for kind in kinds:
        if kind.code == code:
            return kind
        kinds += kind.__subclasses__()
    return DocumentError


def too_long(length: int) -> MalformedError | None:
    """The error for a header that no parser of ours writes."""
    return MalformedError("the parser answered nonsense") if length > MOST_HEADER else None
