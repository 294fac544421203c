"""The text in bytes, in whatever encoding."""

from __future__ import annotations

import codecs

from glede.errors import MalformedError

SAMPLE = 65_536
"""Bytes of a file that are looked at to tell what it is."""
_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b")) + b"\x7f"


def decode(data: bytes) -> tuple[str, str]:
    """The text, its line ends as `\\n`, and the name of its encoding.

    Raises `MalformedError` where the bytes are no text in any encoding that can be told.
    """
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data, marked), marked.removesuffix("-sig")
    encoding = _unmarked_utf16(data) or "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if _controls(data) > 0.02:
            raise MalformedError(f"The file is not text: {error.reason} at byte {error.start}.") from error
        encoding = _guessed_encoding(data)
        text = _decoded(data, encoding)
    if "\x00" in text:
        raise MalformedError(f"The file is not text: a NUL at character {text.index(chr(0))}.")
    return _newlines(text), encoding


def sample_text(data: bytes) -> str | None:
    """The beginning as text; `None` where the bytes are none."""
    sample = data[:SAMPLE]
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _newlines(_lenient(sample, encoding))
    if unmarked := _unmarked_utf16(sample):
        return _newlines(_lenient(sample, unmarked))
    if b"\x00" in sample or _controls(sample) > 0.02:
        return None
    try:
        return _newlines(_lenient(sample, "utf-8"))
    except UnicodeDecodeError:
        return _newlines(sample.decode("latin-1"))


def _lenient(sample: bytes, encoding: str) -> str:
    """A sample may end inside a character."""
    return codecs.getincrementaldecoder(encoding)("replace" if encoding != "utf-8" else "strict").decode(
        sample
    )


def _controls(data: bytes) -> float:
    sample = data[:SAMPLE]
    return (len(sample) - len(sample.translate(None, _CONTROLS))) / (len(sample) or 1)


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: in Latin text every other byte is NUL, and none of the ones between is."""
    sample = data[: SAMPLE // 16]
    even, odd = sample[0::2], sample[1::2]
    if len(sample) < 8:
        return None
    if odd.count(0) > 0.7 * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _newlines(data.decode(encoding))
    except UnicodeDecodeError as error:
        message = f"The file says it is {error.encoding}, but is not: {error.reason} at byte {error.start}."
        raise MalformedError(message) from error


def _guessed_encoding(data: bytes) -> str:
    """Detection by statistics is poor on short Western texts, so those are told by their few letters."""
    high = data.translate(None, bytes(range(128)))
    if len(high) * 3 < len(data) and not high.translate(None, _WESTERN):
        return "cp1252"
    import charset_normalizer  # for what is not UTF-8, as nearly all is

    match = charset_normalizer.from_bytes(data[:SAMPLE]).best()
    if match is None:
        raise MalformedError("The file is not text in any known encoding.")
    return match.encoding


_WESTERN = "ÀÁÂÄÅÆÇÈÉÊËÍÎÏÑÓÔÖØÚÛÜßàáâãäåæçèéêëíîïñòóôõöøùúûü‘’“”–—…€£§©®°«» \xa0".encode("cp1252")


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
