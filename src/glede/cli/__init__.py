"""The command line: thin over the engine, every command with `--json` (see docs/command-line.md)."""

from __future__ import annotations

from glede.cli.app import main

__all__ = ["main"]
