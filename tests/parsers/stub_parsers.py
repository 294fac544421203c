"""Parsers that misbehave, each in its own way; workers import this module by name."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from typing import ClassVar, NoReturn

from glede.errors import PasswordError
from glede.parsers.pacing import announce_pages
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Block, Parsed, Picture, sha256_of


class Stub:
    name = "stub"
    version = "1"
    media_types = frozenset({"text/plain"})
    cost = 1.0
    recovers: frozenset[Feature] = frozenset({"text"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        text = data.decode()
        self.act(text)
        picture = b"\x89PNG not really"
        key = sha256_of(picture)
        blocks = (Block("text", text), Block("image", "", picture=Picture(key, "image/png", 9, 9)))
        return Parsed(media_type, self.name, blocks, assets={key: picture})

    def act(self, text: str) -> None:
        """Misbehave; one that returns has a good parse."""


class Hang(Stub):
    def act(self, text: str) -> None:
        time.sleep(1000)


class Spin(Stub):
    def act(self, text: str) -> None:
        while True:
            pass


class SpinInC(Stub):
    """Holds the interpreter's lock in one call, as a native library does."""

    def act(self, text: str) -> None:
        pow(7, 7 ** (10**1))


class Allocate(Stub):
    def act(self, text: str) -> None:
        kept = []
        while True:
            kept.append(b"x" * 2**24)


class AllocateLightly(Allocate):
    """Says that it costs little, so that it may take little."""

    cost = 0.0


class Litter(Stub):
    """Leaves one small piece behind what it has freed, so that the heap cannot shrink from its end."""

    left: ClassVar[list[bytes]] = []

    def act(self, text: str) -> None:
        pieces = [bytes(1000) for _ in range(100_000)]
        self.left.append(pieces.pop())


class AllocateAtOnce(Stub):
    def act(self, text: str) -> None:
        bytearray(2**36)


class Crash(Stub):
    def act(self, text: str) -> None:
        ctypes.string_at(0)


class Abort(Stub):
    def act(self, text: str) -> None:
        os.abort()


class Killed(Stub):
    def act(self, text: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Leave(Stub):
    def act(self, text: str) -> NoReturn:
        sys.exit(3)


class Print(Stub):
    def act(self, text: str) -> None:
        print("garbage " * 1000, flush=True)
        os.write(1, b"\xff" * 100_000)
        os.write(2, b"\xff" * 100_000)


class Scribble(Stub):
    """Finds the pipe of the answers and writes into it."""

    def act(self, text: str) -> None:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, text.encode())
            except OSError:
                continue


class Babble(Stub):
    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        return Parsed(media_type, self.name, (Block("text", "word " * 2_000_000),))


class Fail(Stub):
    def act(self, text: str) -> NoReturn:
        raise ValueError("x" * 10_000)


class Recurse(Stub):
    def act(self, text: str) -> None:
        self.act(text)


class Locked(Stub):
    def act(self, text: str) -> NoReturn:
        raise PasswordError("the document is encrypted", hint="Ask its owner.")


class Connect(Stub):
    """Calls `host:port` by every way that Python has; a refusal is the good end."""

    def act(self, text: str) -> None:
        host, port = text.split(":")
        reached = 0
        for call in (socket.create_connection, socket.getaddrinfo, self._send, self._bind):
            try:
                call(*((host, int(port)) if call is socket.getaddrinfo else ((host, int(port)),)))
                reached += 1
            except OSError:
                continue
        if reached:
            raise ValueError("the network is open")

    def _send(self, address: tuple[str, int]) -> None:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"secret", address)

    def _bind(self, address: tuple[str, int]) -> None:
        socket.socket().bind((address[0], 0))


class HangWithChild(Stub):
    """Starts a process of its own before it hangs."""

    def act(self, text: str) -> None:
        subprocess.Popen(["sleep", text])
        time.sleep(1000)


class Announce(Stub):
    """Announces a number of pages and takes the seconds that the text says: `pages seconds ...`."""

    def act(self, text: str) -> None:
        pages, seconds, *_ = text.split()
        announce_pages(int(pages))
        time.sleep(float(seconds))


class Environment(Stub):
    """Fails with what it sees of the environment."""

    def act(self, text: str) -> None:
        if text in os.environ:
            raise ValueError("a secret is visible")
