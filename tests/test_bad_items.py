"""Items that cannot be read or described: kept with what is known, marked, and completed by a retry."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from glede import Content, Engine, Settings, blocking
from glede.adding.chunking import Chunking
from glede.adding.trouble import PATIENCE
from glede.errors import UnavailableError
from glede.parsers.delimited import MAX_ROWS
from glede.results import Added
from glede.tables.parquet import unpacked
from glede.tables.parts import MOST_VECTORS
from glede.testing.model_server import ChatRequest, ModelServer
from glede.types import Block, Unfinished

KEY = "sk-test"
SEEN = "A diagram: a proxy sends queries to three query nodes, which read from object storage."
AROUND = "The red kite soars over the ridge, as the next picture shows to everyone who looks at it."
AFTER = "It has a forked tail, and that is how people tell it from the other birds of prey."


def drawn(mode: str = "RGB", color: str = "red", kind: str = "PNG", **options: object) -> bytes:
    picture = Image.new("RGB", (200, 150), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 120, 120), fill=color)
    draw.rectangle((90, 40, 180, 140), fill="navy")
    made = io.BytesIO()
    picture.convert(mode).save(made, kind, **options)
    return made.getvalue()


def claimed(width: int, height: int) -> bytes:
    """A PNG whose header tells this size."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = part(b"IHDR", header) + part(b"IDAT", zlib.compress(bytes(100))) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def page(picture: bytes, kind: str = "png", alt: str = "") -> Content:
    data = base64.b64encode(picture).decode()
    text = f"# Kites\n\n{AROUND}\n\n![{alt}](data:image/{kind};base64,{data})\n\n{AFTER}\n"
    return Content(text, "page.md")


def seen(description: str = SEEN) -> str:
    fields = {"kind": "diagram", "meaning": "", "text": "", "objects": [], "relations": []}
    return json.dumps({**fields, "columns": [], "rows": [], "description": description})


async def added(engine: Engine, content: Content) -> Added:
    (one,) = (await engine.add(content)).documents
    return one


async def blocks_of(engine: Engine, one: Added, kind: str) -> list[Block]:
    return [block for block in await engine.blocks(await engine.document(one.id or "")) if block.type == kind]


@pytest.fixture
def offline(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


# Pictures


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (drawn("CMYK", kind="JPEG"), "jpeg"),
        (drawn(kind="GIF", save_all=True, append_images=[Image.new("RGB", (200, 150), "blue")]), "gif"),
        (drawn("1"), "png"),
        (drawn("I;16"), "png"),
        (drawn("P"), "png"),
        (drawn("LA"), "png"),
    ],
    ids=["cmyk", "animated", "1-bit", "16-bit", "palette", "alpha"],
)
async def test_a_picture_of_another_kind_is_whole(offline: Settings, picture: bytes, kind: str) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, page(picture, kind))
        assert (one.status, one.partial, one.unfinished, one.blocks["image"]) == ("searchable", (), (), 1)
        (hit,) = await engine.search("forked tail", types=["image"])
        assert await engine.asset(hit.chunk.asset or "") == picture


@pytest.mark.parametrize("alt", ["", "a kite in flight"])
async def test_a_picture_that_does_not_decode_is_kept_and_marked(offline: Settings, alt: str) -> None:
    half = drawn()[: len(drawn()) // 2]
    async with Engine.open(offline) as engine:
        one = await added(engine, page(half, alt=alt))
        (mark,) = one.unfinished
        assert (mark.kind, mark.code, mark.retryable) == ("image", "malformed", False)
        assert one.partial == (f"1 picture: {mark.message}",)
        (hit,) = await engine.search("forked tail", types=["image"])
        assert hit.chunk.text == (alt or "Picture: Kites")
        assert await engine.asset(hit.chunk.asset or "") == half
        (again,) = (await engine.retry()).documents
        assert (again.status, again.unfinished) == ("unchanged", one.unfinished)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (claimed(0, 0), "malformed"),
        (claimed(0, 40), "malformed"),
        (claimed(50_000, 40_000), "limit_exceeded"),
        (b"no picture at all, whatever the address says", "malformed"),
    ],
    ids=["0", "0 wide", "2 billion", "junk"],
)
@pytest.mark.parametrize("alt", ["", "a kite in flight"])
async def test_a_picture_that_is_left_out_is_marked(
    offline: Settings, picture: bytes, code: str, alt: str
) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, page(picture, alt=alt))
        assert one.status == "searchable"
        assert [(mark.kind, mark.code) for mark in one.unfinished] == [("image", code)]
        assert len(one.partial) == 1
        assert len(await engine.search("a kite in flight", types=["image"])) == bool(alt)
        document = await engine.document(one.id or "")
        assert (document.unfinished, document.partial) == (one.unfinished, one.partial)
        assert (await engine.add(page(picture, alt=alt))).documents[0].status == "unchanged"


@pytest.mark.parametrize(
    ("picture", "code"), [(claimed(0, 0), "malformed"), (claimed(50_000, 40_000), "limit_exceeded")]
)
async def test_a_file_that_is_such_a_picture_fails(offline: Settings, picture: bytes, code: str) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content(picture, "kite.png"))
        assert one.error is not None
        assert (one.status, one.error.code) == ("failed", code)


# Equations


@pytest.mark.parametrize(
    "latex", [r"\frac{a}{b + c", r"\begin{align} a &= b \\", "{" * 3000 + "x" + "}" * 3000], ids=len
)
async def test_latex_that_does_not_parse_is_kept_and_marked(offline: Settings, latex: str) -> None:
    text = f"# Discs\n\nThe area of a disc:\n\n$$\n{latex}\n$$\n\nwhere a is the area.\n"
    async with Engine.open(offline) as engine:
        one = await added(engine, Content(text, "discs.md"))
        assert [(mark.kind, mark.code) for mark in one.unfinished] == [("equation", "malformed")]
        (block,) = await blocks_of(engine, one, "equation")
        assert block.latex == latex
        (hit,) = await engine.search("area of a disc", types=["equation"])
        assert latex in hit.chunk.text


# Tables


def html(*rows: str) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    text = f"<p>Pairs of red kites, by valley.</p><table>{body}</table><p>All were counted twice.</p>"
    return f"<html><body><h1>Kites</h1>{text}</body></html>"


def cells(*texts: object, tag: str = "td") -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


TABLES = {
    "merged headers": html(
        "<th rowspan=2>Valley</th><th colspan=2>Pairs</th>",
        cells(2019, 2020, tag="th"),
        cells("Aller", 3, 4),
        cells("Wern", 5, 6),
    ),
    "ragged rows": html(
        cells("Valley", "Pairs", "Broods", tag="th"), cells("Aller", 3), cells("Wern", 5, 6, 7)
    ),
    "no header": html(cells("Aller", 3), cells("Wern", 5)),
    "one column": html(cells("Valley", tag="th"), cells("Aller"), cells("Wern")),
    "mixed types": html(
        cells("Valley", "Pairs", tag="th"),
        cells("Aller", "12 %"),
        cells("Wern", "2020-01-01"),
        cells("Au", "-"),
    ),
    "the same name twice": html(
        cells("Valley", "Pairs", "Pairs", "", tag="th"), cells("Aller", 1, 2, "Wern")
    ),
    "spans beyond its end": html(
        "<th rowspan=99>Valley</th><th colspan=3>Pairs</th>", cells("Aller"), cells("Wern")
    ),
    "500 columns": html(
        cells("Valley", *(f"site {site}" for site in range(499)), tag="th"),
        cells("Aller", *range(499)),
        cells("Wern", *range(499)),
    ),
}


@pytest.mark.parametrize("name", TABLES)
async def test_an_odd_table_is_whole(offline: Settings, name: str) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content(TABLES[name], "kites.html"))
        assert (one.status, one.unfinished, one.partial) == ("searchable", (), ())
        (block,) = await blocks_of(engine, one, "table")
        assert block.table is not None
        assert {"Aller", "Wern"} <= {text for row in block.table.grid() for text in row}
        assert block.data is not None
        rows = unpacked(await engine.asset(block.data))
        assert {"Aller", "Wern"} <= {str(value) for row in (*rows.values, *rows.texts) for value in row}
        assert await engine.search("Aller", types=["table"])


@pytest.mark.parametrize("rows", [["Aller", "Wern", "Tauber"], ["Aller,1", "Wern,2,3,4", ",,", "Tauber"]])
async def test_an_odd_file_of_rows_is_searchable(offline: Settings, rows: list[str]) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("\n".join(["Valley", *rows]), "kites.csv"))
        assert (one.status, one.partial) == ("searchable", ())
        assert await engine.search("Tauber")


async def test_a_table_with_too_many_rows_fails_plainly(offline: Settings) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("name,pairs\n" + "Aller,3\n" * MAX_ROWS, "kites.csv"))
        assert one.error is not None
        assert (one.status, one.error.code, one.error.retryable) == ("failed", "limit_exceeded", False)
        assert f"{MAX_ROWS:,} rows" in one.error.message


async def test_a_long_table_is_found_to_its_last_row_and_computed_over_all(offline: Settings) -> None:
    """Beyond the rows that have vectors, words find each row, and the citation is that row."""
    count = 12_000
    lines = [
        f"kite {row},Aller {row % 7},{row % 1000},{('open', 'paid')[row > count - 30]}"
        for row in range(count)
    ]
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("\n".join(["name,valley,price,status", *lines]), "orders.csv"))
        assert (one.status, one.partial) == ("searchable", ())
        hit, *_ = await engine.search(f"kite {count - 1}")
        assert hit.chunk.words_only
        assert count in [span.row for span in hit.chunk.spans]
        answer = await engine.ask(f"What is the price of kite {count - 1}?")
        assert [citation.quote for citation in answer.citations] == [
            f"| kite {count - 1} | Aller {(count - 1) % 7} | 999 | paid |"
        ]
        assert all(citation.verified for citation in answer.citations)
        answer = await engine.ask("What is the average price?")
        assert answer.text.startswith("499.5")
        document = await engine.document(one.id or "")
        assert sum(not chunk.words_only for chunk in await engine.chunks(document)) == MOST_VECTORS


async def test_a_wide_table_is_cut_by_columns_and_found_by_any(offline: Settings) -> None:
    names = ["station", *(f"reading {column}" for column in range(499))]
    lines = [",".join([f"station {row}", *(f"{row}.{column}" for column in range(499))]) for row in range(20)]
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("\n".join([",".join(names), *lines]), "stations.csv"))
        chunks = await engine.chunks(await engine.document(one.id or ""))
        assert all(chunk.tokens <= Chunking().table_tokens for chunk in chunks)
        assert all(chunk.text.startswith("| station | reading ") for chunk in chunks)
        answer = await engine.ask("What is reading 321 of station 17?")
        assert answer.text.startswith("17.321")


# Models

OTHER_LANGUAGE = (
    "Das Bild zeigt einen Proxy, der die Anfragen an drei Knoten weiterleitet und auf Antwort wartet."
)
ANSWERS = {
    "no JSON": "It looks like a diagram to me.",
    "other JSON": '{"picture": 1}',
    "empty": seen(""),
    "refusal": seen("I'm sorry, I can't help with that."),
    "plain refusal": "I'm sorry, I can't help with that.",
    "language": seen(OTHER_LANGUAGE),
}
FAULTS = {
    "server_error": ("model", True),
    "unavailable": ("model", True),
    "refused": ("model", True),
    "rate_limit": ("rate_limited", True),
    "hang": ("model_timeout", True),
    "garbage": ("model_reply", True),
    "content_filter": ("content_filter", False),
    "context_length": ("context_length", False),
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: seen()
        yield running


def seeing(home: Path, server: ModelServer, **more: object) -> Settings:
    values = {"home": home, "vision": "openai:gpt-4o", "openai_url": server.url, "openai_key": KEY}
    waits = {"model_tries": 2, "model_wait": 0.002, "model_seconds": 0.5}
    return Settings.model_validate({**values, **waits, **more})


def never(*_: object, **__: object) -> None:
    raise AssertionError("nothing is parsed again")


async def completed(engine: Engine, one: Added, server: ModelServer, patch: pytest.MonkeyPatch) -> None:
    """What was marked is completed by a retry, without a parse, and costs nothing from then on."""
    (hit,) = await engine.search("forked tail", types=["image"])
    assert SEEN not in hit.chunk.text
    before = len(await engine.chunks(await engine.document(one.id or "")))
    server.clear()
    server.answer = lambda _: seen()
    with patch.context() as patched:
        patched.setattr(type(engine.lines.ingest.reading), "read", never)
        report = await engine.retry()
    (done,) = report.documents
    assert (done.id, done.status, done.unfinished, done.partial) == (one.id, "searchable", (), ())
    assert done.chunks == before
    assert report.usage.embedded_texts == 1  # only what the picture is now told by
    (hit,) = await engine.search("proxy sends queries", types=["image"])
    assert SEEN in hit.chunk.text
    paid = server.count("chat")
    assert paid <= 2
    assert not (await engine.retry()).documents
    assert (await engine.add(page(drawn()))).documents[0].status == "unchanged"
    assert server.count("chat") == paid


@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_a_model_answers_badly_is_completed_by_a_retry(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    server.answer = lambda _: ANSWERS[answer]
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        one = await added(engine, page(drawn()))
        (mark,) = one.unfinished
        assert (one.status, mark.kind, mark.code) == ("searchable", "image", "model_reply")
        assert server.count("chat") == 2  # it was told once what is wrong
        (again,) = (await engine.retry()).documents
        assert (again.status, again.unfinished) == ("unchanged", one.unfinished)
        await completed(engine, one, server, monkeypatch)


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_a_model_fails_is_completed_by_a_retry(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    server.fault(fault, times=None, route="chat")
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        one = await added(engine, page(drawn()))
        (mark,) = one.unfinished
        assert one.status == "searchable"
        assert (mark.kind, (mark.code, mark.retryable)) == ("image", FAULTS[fault])
        await completed(engine, one, server, monkeypatch)


async def test_what_stays_in_another_language_is_found_and_not_quoted(
    tmp_path: Path, server: ModelServer
) -> None:
    server.answer = lambda _: seen(OTHER_LANGUAGE)
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        await added(engine, page(drawn()))
        (hit,) = await engine.search("forked tail", types=["image"])
        assert OTHER_LANGUAGE not in hit.chunk.text
        assert OTHER_LANGUAGE in hit.chunk.aid


async def test_only_what_was_failed_is_asked_for_again(tmp_path: Path, server: ModelServer) -> None:
    """Of three pictures the second fails; a retry asks one question, and the rest stays as it is."""
    pictures = [drawn(color=color) for color in ("red", "blue", "lime")]

    def answer(request: ChatRequest) -> str:
        return "no JSON" if request.messages[0].data[0] == pictures[1] else seen()

    server.answer = answer
    sections = (
        f"## Part {n}\n\n![](data:image/png;base64,{base64.b64encode(data).decode()})"
        for n, data in enumerate(pictures)
    )
    text = "# Kites\n\n" + "\n\n".join(sections) + "\n"
    async with Engine.open(seeing(tmp_path / "home", server, model_concurrency=1)) as engine:
        first = await added(engine, Content(text, "page.md"))
        assert len(first.unfinished) == 1
        server.clear()
        server.answer = lambda _: seen()
        (done,) = (await engine.retry("page.md")).documents
        assert not done.unfinished
        assert server.count("chat") == 1
        assert len(await engine.search("proxy", types=["image"])) == 3


async def test_an_endpoint_that_is_down_stops_no_document(tmp_path: Path, server: ModelServer) -> None:
    """After a few failures it is not asked any more in that run; the next run asks it again."""
    server.fault("server_error", times=None, route="chat")
    pages = [Content(drawn(color=color), f"{color}.png") for color in ("red", "blue", "lime", "gold", "cyan")]
    async with Engine.open(seeing(tmp_path / "home", server, model_concurrency=1)) as engine:
        report = await engine.add(*pages, Content("Plain words.", "words.txt"))
        assert report.stopped is None
        assert {one.status for one in report.documents} == {"searchable"}
        assert [len(one.unfinished) for one in report.documents] == [1, 1, 1, 1, 1, 0]
        assert server.count("chat") == PATIENCE * 2
        server.clear()
        assert not any(one.unfinished for one in (await engine.retry()).documents)
        assert server.count("chat") == len(pages)


@pytest.mark.parametrize("setting", [{"openai_key": "sk-wrong"}, {"budget": "0.0000001"}])
async def test_what_would_fail_everything_fails_the_document(
    tmp_path: Path, server: ModelServer, setting: dict[str, str]
) -> None:
    async with Engine.open(seeing(tmp_path / "home", server, **setting)) as engine:
        report = await engine.add(page(drawn()), Content("Plain words.", "words.txt"))
        assert report.documents[0].status == "failed"
        assert report.stopped is not None
        assert not [one for one in await engine.documents() if one.source == "page.md"]


async def test_a_model_mends_broken_latex(tmp_path: Path, server: ModelServer) -> None:
    mended = {"latex": r"\frac{a}{b + c}", "number": "", "name": "kite ratio", "symbols": []}
    server.fault("server_error", times=None, route="chat")
    server.answer = lambda _: json.dumps(mended)
    text = "# Kites\n\nThe ratio of kites:\n\n$$\n\\frac{a}{b + c\n$$\n"
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        one = await added(engine, Content(text, "kites.md"))
        assert [(mark.kind, mark.code) for mark in one.unfinished] == [("equation", "model")]
        server.clear()
        assert not (await engine.retry()).documents[0].unfinished
        (block,) = await blocks_of(engine, one, "equation")
        assert block.latex == r"\frac{a}{b + c}"
        assert "kite ratio" in block.aid
        assert r"\frac{a}{b + c}" not in block.text


async def test_a_retry_survives_a_new_start_and_works_without_a_loop(
    tmp_path: Path, server: ModelServer
) -> None:
    server.fault("server_error", times=None, route="chat")
    settings = seeing(tmp_path / "home", server)
    async with Engine.open(settings) as engine:
        one = await added(engine, page(drawn()))
    server.clear()
    with blocking.Engine(settings) as engine:
        (document,) = engine.documents()
        assert document.unfinished == one.unfinished
        assert isinstance(document.unfinished[0], Unfinished)
        assert [done.unfinished for done in engine.retry().documents] == [()]
        (document,) = engine.documents()
        assert (document.unfinished, document.partial, document.source) == ((), (), "page.md")


async def test_a_copy_is_marked_like_what_it_copies(tmp_path: Path, server: ModelServer) -> None:
    server.fault("server_error", times=None, route="chat")
    async with Engine.open(seeing(tmp_path / "home", server)) as engine:
        report = await engine.add(page(drawn()), replace(page(drawn()), source="copy.md"))
        first, copy = sorted(report.documents, key=lambda one: one.status)
        assert (first.status, copy.status) == ("searchable", "unchanged")
        assert copy.unfinished == first.unfinished
        assert copy.partial == first.partial
        server.clear()
        (done,) = (await engine.retry("copy.md")).documents
        assert not done.unfinished
        (document,) = await engine.documents()
        assert sorted(document.sources) == ["copy.md", "page.md"]


async def test_a_retry_that_crashes_leaves_the_document_as_it_was(
    tmp_path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fault("server_error", times=None, route="chat")
    settings = seeing(tmp_path / "home", server)

    def killed(*_: object, **__: object) -> None:
        raise UnavailableError("killed")

    async with Engine.open(settings) as engine:
        one = await added(engine, page(drawn()))
        server.clear()
        with monkeypatch.context() as patched, pytest.raises(UnavailableError, match="killed"):
            patched.setattr(type(engine.catalogue), "commit", killed)
            await engine.retry()
    async with Engine.open(settings) as engine:
        (document,) = await engine.documents()
        assert document.unfinished == one.unfinished
        (hit,) = await engine.search("forked tail", types=["image"])
        assert await engine.asset(hit.chunk.asset or "") == drawn()
        (done,) = (await engine.retry()).documents
        assert not done.unfinished
        assert server.count("chat") == 1  # the answer that was paid for is not lost
        assert SEEN in (await engine.search("proxy", types=["image"]))[0].chunk.text


@pytest.mark.parametrize(
    ("low", "named"),
    [({"max_pixels": 100}, "GLEDE_MAX_PIXELS"), ({"max_picture_mb": 0.0001}, "MAX_PICTURE_MB")],
)
async def test_a_picture_beyond_a_limit_is_completed_once_the_limit_is_raised(
    tmp_path: Path, low: dict[str, float], named: str
) -> None:
    """Its bytes are no part of the parse that is kept, so that the document is read again."""
    async with Engine.open(Settings.model_validate({"home": tmp_path, **low})) as engine:
        report = await engine.add(page(drawn(), alt="Kite"))
        (mark,) = report.documents[0].unfinished
        assert (mark.block, mark.code) == (None, "limit_exceeded")
        assert named in mark.message
        again = await engine.retry()
        assert [one.status for one in again.documents] == ["unchanged"]
        assert named in again.documents[0].unfinished[0].message
    async with Engine.open(Settings(home=tmp_path)) as engine:
        before = await engine.documents()
        (added,) = (await engine.retry()).documents
        (document,) = await engine.documents()
        chunks = await engine.chunks(document)
        assert (await engine.retry()).documents == ()
    assert (added.status, added.unfinished) == ("searchable", ())
    assert document.id == before[0].id
    assert [chunk.modality for chunk in chunks].count("image") == 1
    assert document.partial == ()


async def test_what_was_left_out_is_read_by_the_parser_that_was_asked_for(tmp_path: Path) -> None:
    picture = base64.b64encode(drawn()).decode()
    text = f'<h1>Kites</h1><p>{AROUND}</p><img alt="Kite" src="data:image/png;base64,{picture}">'
    async with Engine.open(Settings(home=tmp_path, max_pixels=100)) as engine:
        await engine.add(Content(text, "page.html"), metadata={"year": 2020}, parser="html")
    async with Engine.open(Settings(home=tmp_path)) as engine:
        (added,) = (await engine.retry()).documents
        (document,) = await engine.documents()
    assert added.unfinished == ()
    assert (document.parser, document.metadata) == ("html", {"year": 2020})
