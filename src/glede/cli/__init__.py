"""The command line: thin over the engine, every command with `--json` (see docs/command-line.md)."""

from __future__ import annotations

import signal


def main() -> None:
    """The command `glede`."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # while it loads there is nothing to end in order
    from glede.cli import app

    signal.signal(signal.SIGINT, before)
    app.main()


__all__ = ["main"]
