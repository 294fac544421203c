"""`glede docs`, `show`, `open` and `dump`: they look, and need neither model nor lock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, shared
from glede.cli.counting import counted

if TYPE_CHECKING:
    from glede.results import Citation
    from glede.types import Chunk, Document, Parsed, Standing


@click.command()
@click.option("--as-of", metavar="DATE", help="Those that were live then, where a history is kept.")
@shared
def docs(options: Shared, as_of: str | None) -> None:
    """List the documents."""
    from glede.cli import pages
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes import results as shapes

    with Library.look(options.resolved().settings) as library:
        if as_of is None:
            found, aside = asyncio.run(library.documents()), asyncio.run(library.disabled())
        else:
            found, aside = asyncio.run(library.past.documents(as_of)), []
    if options.as_json:
        listed = [shapes.document(one, "past" if as_of else "searchable") for one in found]
        listed += [shapes.document(one, "disabled") for one in aside]
        write_json({"documents": listed})
    else:
        pages.print_documents(found)
        for one in aside:
            click.echo(f"disabled: {one.source} ({counted(one.chunks, 'chunk')})")


@click.command()
@click.argument("document", metavar="DOC")
@shared
def show(options: Shared, document: str) -> None:
    """Show a document, disabled ones too: its pages, blocks and chunks.

    It is named by id, path, or the end of a path; what is of the past by its whole id.
    """
    from glede.cli import pages
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes import results as shapes

    async def look(library: Library) -> tuple[Document, Standing, Parsed, list[Chunk]]:
        found, standing = await library.opened(document)
        return found, standing, await library.parsed(found), await library.chunks(found)

    with Library.look(options.resolved().settings) as library:
        found, standing, parsed, chunks = asyncio.run(look(library))
    if options.as_json:
        write_json(
            {
                "document": shapes.document(found, standing),
                "pages": [shapes.page(page) for page in parsed.pages],
                "blocks": [shapes.block(block) for block in parsed.blocks],
                "chunks": [shapes.chunk(chunk) for chunk in chunks],
            }
        )
    else:
        pages.print_document(found, standing, parsed, chunks)


@click.command(name="open")
@click.argument("marker", type=int)
@click.option("--launch", is_flag=True, help="Also open the document in the program that shows it.")
@click.option(
    "--image",
    type=click.Path(dir_okay=False, writable=True),
    help="Also draw the page into this PNG, the box in red.",
)
@shared
def open_citation(options: Shared, marker: int, launch: bool, image: str | None) -> None:
    """Show where citation MARKER of the last answer stands: file, page, box, and the words."""
    from pathlib import Path

    from glede.cli import pages
    from glede.cli.drawing import draw_citation
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes import results as shapes

    async def look(library: Library) -> Citation:
        found = await library.last_citation(marker)
        if image is not None:
            await draw_citation(library, found, Path(image))
        return found

    with Library.look(options.resolved().settings) as library:
        citation = asyncio.run(look(library))
    file = citation.source if Path(citation.source).is_file() else None
    if options.as_json:
        write_json({"citation": shapes.citation(citation), "file": file, "image": image})
    else:
        pages.print_citation(citation, file)
    if launch and file:
        click.launch(file)


@click.command()
@click.option("--canonical", is_flag=True, help="Without times, in a fixed order: equal for equal content.")
@shared
def dump(options: Shared, canonical: bool) -> None:
    """Write out every document, chunk and stored vector of all collections as JSON."""
    from glede.care.dump import dumped
    from glede.cli.writing import write_json
    from glede.doors.library import Library

    with Library.look(options.resolved().settings) as library:
        write_json(dumped(library.catalogue, library.blobs, canonical=canonical))
