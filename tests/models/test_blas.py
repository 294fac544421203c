"""The matrix library is held to one thread while texts are embedded, and only then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from glede.models.blas import Blas, Threads, openblas


class Library:
    """A matrix library that counts how often it is told."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.told: list[int] = []

    def write(self, threads: int) -> None:
        self.threads = threads
        self.told.append(threads)


@pytest.fixture
def library() -> Library:
    return Library(8)


@pytest.fixture
def blas(library: Library) -> Blas:
    return Blas(lambda: Threads(lambda: library.threads, library.write))


def test_the_last_that_leaves_lifts_the_limit(blas: Blas, library: Library) -> None:
    with blas.single_threaded():
        with blas.single_threaded():
            assert library.threads == 1
        assert library.threads == 1
    assert library.threads == 8
    assert library.told == [1, 8]


def test_threads_that_enter_side_by_side_share_one_limit(blas: Blas, library: Library) -> None:
    together = Barrier(4)

    def enter() -> int:
        with blas.single_threaded():
            together.wait(30)
            return library.threads

    with ThreadPoolExecutor(4) as pool:
        assert [one.result() for one in [pool.submit(enter) for _ in range(4)]] == [1] * 4
    assert library.told == [1, 8]


def test_the_limit_is_lifted_after_an_error(blas: Blas, library: Library) -> None:
    with pytest.raises(RuntimeError), blas.single_threaded():
        raise RuntimeError
    assert library.threads == 8


def test_an_unknown_library_is_left_alone() -> None:
    with Blas(lambda: None).single_threaded():
        assert np.dot([1.0, 2.0], [3.0, 4.0]) == 11


def test_the_library_of_numpys_wheels_is_found() -> None:
    threads = openblas()
    if threads is None:
        pytest.skip("this numpy computes with another library")
    before = threads.read()
    with Blas(openblas).single_threaded():
        assert threads.read() == 1
    assert threads.read() == before
