"""More parsers that misbehave (see `tests.parsers.stub_parsers`): what they start or write outlives them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time

from glede.parsers.frames import LENGTH
from tests.parsers.stub_parsers import Stub


def _sleeper(seconds: str, *, detached: bool) -> None:
    subprocess.Popen(["sleep", seconds], start_new_session=detached)


class HangWithDetachedChild(Stub):
    """Its child leaves the group of processes that a signal to all of them reaches."""

    def act(self, text: str) -> None:
        _sleeper(text, detached=True)
        time.sleep(1000)


class HangWithOrphan(Stub):
    """Its grandchild has no parent any more, and a group of its own."""

    def act(self, text: str) -> None:
        subprocess.run(["sh", "-c", f"setsid sleep {text} & exit 0"], check=True)
        time.sleep(1000)


class CrashWithChild(Stub):
    def act(self, text: str) -> None:
        _sleeper(text, detached=False)
        ctypes.string_at(0)


class SpinInChildren(Stub):
    def act(self, text: str) -> None:
        for _ in range(2):
            if os.fork() == 0:
                while True:
                    pass
        time.sleep(1000)


class AllocateInChild(Stub):
    def act(self, text: str) -> None:
        if os.fork() == 0:
            kept = []
            while True:
                kept.append(b"x" * 2**22)
        time.sleep(1000)


class Stop(Stub):
    """Holds itself, so that no signal but one is heard."""

    def act(self, text: str) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)


class Deaf(Stub):
    def act(self, text: str) -> None:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass


class CloseAll(Stub):
    def act(self, text: str) -> None:
        os.closerange(0, 256)
        time.sleep(1000)


class Flood(Stub):
    """Never ends to say how many pages there are."""

    def act(self, text: str) -> None:
        word = b'{"pages":1,"easy":false}'
        while True:
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, (LENGTH.pack(len(word)) + word) * 1000)
                except OSError:
                    continue


class Lie(Stub):
    """Answers in good form, with a body that is no document."""

    def act(self, text: str) -> None:
        head, body = b'{"size":%d,"assets":[]}' % len(text), text.encode()
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, LENGTH.pack(len(head)) + head + body)
            except OSError:
                continue
        time.sleep(1000)


class FillDisk(Stub):
    def act(self, text: str) -> None:
        with open("/dev/null", "wb") as nothing:  # noqa: PTH123 - what a limit on files does not stop
            while True:
                nothing.write(b"x" * 2**20)
