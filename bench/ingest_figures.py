"""Figures of `bench.ingest`: what was measured, what is promised, and what this process has taken."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `most` and `least` are the bounds that are promised, where there are any."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it lies outside of what is promised."""
        above = self.most is not None and self.value > self.most
        return above or (self.least is not None and self.value < self.least)

    @property
    def target(self) -> str:
        """The promise in words; empty where there is none."""
        if self.most is None:
            return "" if self.least is None else f"at least {self.least:g}"
        return f"at most {self.most:g}"


def table(title: str, figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = [f"| {title} | | target | |", "|---|---|---|---|"]
    for one in figures:
        verdict = "missed" if one.missed else "kept" if one.target else ""
        rows.append(f"| {one.name} | {one.value:,.4g} {one.unit} | {one.target} | {verdict} |")
    return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the clock and of processor time, children that have ended or live included."""

    wall: float
    cpu: float


class Watch:
    """Measures from its making to `read`."""

    def __init__(self) -> None:
        self._wall = time.perf_counter()
        self._cpu = cpu_seconds()

    def read(self) -> Spent:
        """What has been spent so far."""
        return Spent(time.perf_counter() - self._wall, cpu_seconds() - self._cpu)


def cpu_seconds() -> float:
    """Processor time of this process and of all its children, as far as it can be seen."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    living = sum(_cpu_of(child) for child in children())
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime + living


def children() -> list[int]:
    """The processes that this one has started, and that live."""
    found = []
    for threads in Path("/proc/self/task").glob("*/children"):
        found += [int(number) for number in threads.read_text().split()]
    return found


def _cpu_of(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0.0
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def peak_mib(process: int | str = "self") -> float:
    """The most memory that the process ever held (VmHWM)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def disk_mib(folder: Path) -> float:
    """What the files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MIB


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
