"""Scripted model servers that several tests share, one after the other."""

from __future__ import annotations

from glede.testing import ModelServer

_SETTINGS = ("key", "dimension", "latency", "pace", "drip", "retry_after", "context", "answer", "models")


def as_new(server: ModelServer, key: str = "sk-test") -> ModelServer:
    """The running server without what a test has set, scripted or asked it."""
    server.clear()
    started = ModelServer(key)
    for name in _SETTINGS:
        setattr(server, name, getattr(started, name))
    server.describe = {}
    server.cut_after, server.cut_clean = None, False
    return server
