"""What the doctor says of what is no fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede.care.checking import Checked
from glede.care.doctor import MANY_CHUNKS, _summary
from glede.settings import Settings


@pytest.mark.parametrize(
    ("chunks", "uri", "advised"),
    [(MANY_CHUNKS, "", False), (MANY_CHUNKS + 1, "", True), (MANY_CHUNKS + 1, "http://milvus:19530", False)],
)
def test_a_server_is_advised_for_many_chunks(tmp_path: Path, chunks: int, uri: str, advised: bool) -> None:
    found = _summary(Checked(chunks=chunks), Settings(home=tmp_path, milvus_uri=uri))
    assert found.ok
    assert ("GLEDE_MILVUS_URI" in found.detail) is advised
