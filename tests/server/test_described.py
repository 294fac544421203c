"""Bad input never gives a 5xx, and every answer is as described: schemathesis against a real server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from glede.server.app import application
from glede.server.service import Service
from tests.server.serving import Running, serving

FULL = bool(os.environ.get("GLEDE_FULL"))
EXAMPLES = 960 if FULL else 48
"""For each of 61 operations, once of the right and once of the wrong shape: 100,000 in all, or 5,000."""
CHECKS = (
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("described")
    env = {"GLEDE_EXTRACTOR": "none", "GLEDE_SERVER_JOBS": "1000000", "GLEDE_FETCH_SECONDS": "0.1"}
    with serving(folder, env=env) as running:
        file = folder / "kites.txt"
        file.write_text("The red kite eats mice and voles. It nests in oaks.")
        running.upload("default", file)
        yield running


DESCRIPTION = schemathesis.openapi.from_dict(application(cast("Service", None)).openapi())
LISTED = [found.ok() for found in DESCRIPTION.get_all_operations() if isinstance(found, Ok)]
OPERATIONS = {operation.label: operation for operation in LISTED}


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_call_is_answered_as_described(label: str, server: Running) -> None:
    @seed(20261121)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy())
    def asked(case: Case[Any]) -> None:
        case.call_and_validate(base_url=server.address, checks=list(CHECKS))

    @seed(20261122)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def asked_wrongly(case: Case[Any]) -> None:
        case.call_and_validate(base_url=server.address, checks=list(CHECKS))

    asked()
    with suppress(Unsatisfiable):  # where nothing is asked, nothing can be asked wrongly
        asked_wrongly()
    assert server.process.poll() is None
