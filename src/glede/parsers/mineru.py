"""MinerU, which is never imported: its command reads a PDF in a virtual environment of its own.

`GLEDE_MINERU` names the command `mineru-kit`, or the folder of that environment; else it is looked for on the
`PATH`. `GLEDE_MINERU_TIER` is how thorough it is: `flash` needs no models, the others need those that
`mineru-kit models download` fetches.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from glede.errors import ConfigurationError, MalformedError, NeedsOcrError, UnsupportedError
from glede.parsers.content_list import drafted
from glede.parsers.content_list_items import items_of
from glede.parsers.docvortex_blocks import is_formula
from glede.parsers.docvortex_crops import Crops, opened_crops
from glede.parsers.json import Value, load_value
from glede.parsers.mineru_output import Output
from glede.parsers.mineru_text import without_markup
from glede.parsers.pacing import announce_pages
from glede.parsers.pdf_selection import Selection, selected
from glede.parsing import AVAILABLE, Availability, Feature, ParseOptions
from glede.reading.outline import placed
from glede.types import Block, Page, Parsed

COMMAND = "mineru-kit"
INSTALL = (
    "python -m venv mineru && mineru/bin/pip install mineru==4.0.12, and set GLEDE_MINERU to that folder"
)
TIERS: Mapping[str, int] = {"flash": 1, "basic": 5, "standard": 10, "advanced": 20}
"""How much longer than a usual page one takes, by how thorough MinerU is."""
_FETCHED = {"flash": "basic", "basic": "basic"}
"""The models that a tier needs, where they are not those of `standard`."""
_STRUCTURE = "structured_content.json"
_KEPT_FROM_IT = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"})
"""What of our environment would lead the command's own Python astray."""
_LONGEST_REASON = 160
_LAST_WORDS = 8000
_ERROR = re.compile(r"\b(?:Error|error): *(?:Failed to parse \S+: *)?(.+)", re.DOTALL)
_NO_MODELS = re.compile(r"is not ready|missing key paths|Model repo|E1020|hub|huggingface|modelscope")


class MineruParser:
    """Reads a PDF with MinerU, at the tier that is set."""

    name = "mineru"
    media_types = frozenset({"application/pdf"})
    cost = 1.0

    def __init__(self) -> None:
        command = _command()
        self.version = f"1+{_tier()}+{_installed_version(command) if command else ''}"
        features: set[Feature] = {
            "text", "headings", "lists", "tables", "spans", "pictures", "equations", "boxes", "footnotes",
            "furniture",
        }  # fmt: skip
        self.recovers: frozenset[Feature] = frozenset(features | ({"ocr"} if _tier() != "flash" else set()))

    def available(self, media_type: str) -> Availability:
        """Where the command is."""
        if _command() is not None:
            return AVAILABLE
        if named := os.environ.get("GLEDE_MINERU"):
            return Availability(f"GLEDE_MINERU names {named}, and there is no {COMMAND} there", INSTALL)
        return Availability("MinerU is not installed", INSTALL)

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `UnsupportedError` where the command or its models are missing."""
        command, tier = _command(), _tier()
        if command is None:
            missing = self.available(media_type)
            raise UnsupportedError(missing.reason, hint=missing.hint)
        if tier not in TIERS:
            known = ", ".join(TIERS)
            raise ConfigurationError(f"GLEDE_MINERU_TIER is {tier!r}", hint=f"Known: {known}.")
        selection = selected(data, options, self.name)
        announce_pages(selection.read * TIERS[tier])
        with tempfile.TemporaryDirectory(prefix="glede_mineru_", ignore_cleanup_errors=True) as folder:
            result = _run(command, tier, selection.data, Path(folder))
            with Output(result, options.max_picture) as output:
                blocks, warnings, assets = _read(output, selection, options)
        pages = tuple(replace(page, reason=f"MinerU, tier {tier}") for page in selection.places.values())
        if not any(block.text.strip() or block.picture for block in blocks):
            raise NeedsOcrError("MinerU found no text in the PDF")
        used = {block.picture.asset for block in blocks if block.picture is not None}
        return Parsed(
            media_type=media_type,
            parser=self.name,
            blocks=tuple(placed(blocks)),
            pages=pages,
            title=next((block.text for block in blocks if block.type == "heading"), ""),
            warnings=tuple(warnings),
            assets={key: held for key, held in assets.items() if key in used},
        )


def _tier() -> str:
    return os.environ.get("GLEDE_MINERU_TIER") or "flash"


def _command() -> Path | None:
    """The command, from the setting or the `PATH`."""
    named = os.environ.get("GLEDE_MINERU")
    if not named:
        found = shutil.which(COMMAND)
        return Path(found) if found else None
    place = Path(named).expanduser()
    for command in (place, place / "bin" / COMMAND, place / COMMAND):
        if command.is_file() and os.access(command, os.X_OK):
            return command.absolute()
    return None


def _installed_version(command: Path) -> str:
    """Told from the folder of the environment, since the command takes a second to say it."""
    found = sorted(command.parent.parent.glob("lib/python*/site-packages/mineru-*.dist-info"))
    return found[-1].name.removeprefix("mineru-").removesuffix(".dist-info") if found else "unknown"


def _run(command: Path, tier: str, data: bytes, folder: Path) -> Path:
    """The zip that the command makes; it runs in our process group and ends with us."""
    source, result, words = folder / "document.pdf", folder / "result.zip", folder / "words.txt"
    source.write_bytes(data)
    arguments = [str(command), "parse", str(source), "-o", str(result), "-f", "zip", "--tier", tier]
    if tier == "flash":  # on its own it would turn to models, for what it takes for a scan
        arguments += ["--ocr-mode", "txt"]
    kept = {name: value for name, value in os.environ.items() if name not in _KEPT_FROM_IT}
    told = {"MINERU_MODEL_SOURCE": "local", "HF_HUB_OFFLINE": "1", "TMPDIR": str(folder), "COLUMNS": "1000"}
    try:
        with words.open("wb") as said:
            done = subprocess.run(  # noqa: S603 - a list, no shell; the user names the command
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**kept, **told},
                check=False,
            )
    except OSError as error:
        raise UnsupportedError(f"{COMMAND} cannot be started ({error.strerror})", hint=INSTALL) from error
    if done.returncode != 0 or not result.is_file():
        raise _failure(_last_words(words), done.returncode, tier)
    return result


def _last_words(words: Path) -> str:
    with words.open("rb") as said:
        said.seek(max(0, words.stat().st_size - _LAST_WORDS))
        return said.read().decode(errors="replace")


def _failure(said: str, code: int, tier: str) -> MalformedError | UnsupportedError:
    found = _ERROR.search(said)
    reason = " ".join((found[1] if found else said.strip().rpartition("\n")[2]).split())[:_LONGEST_REASON]
    if code < 0:
        reason = f"it was ended by signal {-code}"
    elif _NO_MODELS.search(said):
        return UnsupportedError(
            f"MinerU's models for the tier {tier} are not there ({reason})",
            hint=f"{COMMAND} models download --tier {_FETCHED.get(tier, 'standard')}",
        )
    return MalformedError(f"MinerU cannot read it: {reason or f'exit code {code}'}")


def _read(
    output: Output, selection: Selection, options: ParseOptions
) -> tuple[list[Block], list[str], dict[str, bytes]]:
    """The blocks of the pages that are wanted, warnings, and pictures."""
    value = load_value(output.text(_STRUCTURE), options.max_depth)
    sizes = {place: (page.width, page.height) for place, page in selection.places.items()}
    draft = drafted(items_of(_sized(value, sizes)), options, output.picture)
    with opened_crops(selection.data, options.max_pixels) as crops:
        blocks = [
            _placed(block, selection.places[place], place, crops)
            for block in draft.blocks
            if (place := block.page or 0) in selection.places
        ]
    return blocks, draft.warnings, draft.assets


def _sized(value: Value, sizes: Mapping[int, tuple[float, float]]) -> Value:
    """The pages of the list with their sizes in points, of which its boxes are shares."""
    pages = value.get("pages") if isinstance(value, dict) else None
    if not isinstance(pages, list):
        raise MalformedError("MinerU wrote no list of pages")
    made: list[Value] = []
    for place, page in enumerate(pages, start=1):
        if not isinstance(page, dict):
            raise MalformedError("MinerU wrote a page that is none")
        index = page.get("page_idx")
        known = int(index) + 1 if isinstance(index, str) and index.isdecimal() else place
        size: list[Value] = [f"{side:.4f}" for side in sizes.get(known, ())]
        made.append({**page, "page_size": size} if size else page)
    return made


def _placed(block: Block, page: Page, place: int, crops: Crops) -> Block:
    """The block on its page of the document; a formula without LaTeX with the letters that stand in it."""
    block = without_markup(replace(block, page=page.number))
    if block.type != "equation" or block.text or block.box is None:
        return block
    text = crops.letters(place, block.box)
    if not is_formula(text):
        return replace(block, type="text", text=text, picture=None)
    return replace(block, text=" ".join(text.split()))
