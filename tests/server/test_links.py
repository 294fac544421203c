"""S1 along the way: calls that follow from answers, as the description's links say, keep to it as well."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from glede.server.app import application
from glede.server.service import Service
from tests.server.serving import Running, serving

if TYPE_CHECKING:
    from schemathesis.core.jsonschema.types import JsonValue

WALKS = 400 if os.environ.get("GLEDE_FULL") else 40
STEPS = 10
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
WALKED = r"^/v1/(collections|collections/\{collection\}(/documents.*|/search|/versions)?|jobs/\{job\})$"
ADD = "POST /v1/collections/{collection}/documents"
SEARCH = "POST /v1/collections/{collection}/search"
KITES = {"documents": [{"source": "kites.txt", "text": "The red kite eats mice and voles."}]}
JOB = "GET /v1/jobs/{job}"
LIST = "GET /v1/collections/{collection}/documents"
NO_JOB = 2**53
DESCRIPTION = application(cast("Service", None)).openapi()
LINKS = [
    (response, link)
    for methods in DESCRIPTION["paths"].values()
    for operation in methods.values()
    for response in operation["responses"].values()
    for link in response.get("links", {}).values()
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    env = {"GLEDE_EXTRACTOR": "none", "GLEDE_HISTORY": "true", "GLEDE_FETCH_SECONDS": "0.1"}
    with serving(tmp_path_factory.mktemp("links"), env=env) as running:
        yield running


def called(case: Case[Any]) -> str:
    return f"{case.method} {case.path}"


def test_every_link_leads_to_a_call_that_takes_what_it_gives() -> None:
    operations = {
        one["operationId"]: one for methods in DESCRIPTION["paths"].values() for one in methods.values()
    }
    assert len(LINKS) >= 10
    for _, link in LINKS:
        taken = {parameter["name"] for parameter in operations[link["operationId"]]["parameters"]}
        assert link["parameters"].keys() <= taken, link


def test_calls_that_follow_from_answers_are_answered_as_described(server: Running) -> None:
    followed: Counter[tuple[str, int]] = Counter()
    schema = schemathesis.openapi.from_dict(DESCRIPTION).include(path_regex=WALKED)
    schema.config.update(base_url=server.address)

    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        """Each walk begins with an empty server and adds the same document wherever it adds one."""

        def setup(self) -> None:
            self.jobs: set[int] = set()

        def before_call(self, case: Case[Any]) -> None:
            if called(case) == ADD:
                case.media_type, case.body = "application/json", cast("JsonValue", KITES)
            if called(case) == JOB and case.path_parameters.get("job") not in self.jobs:
                case.path_parameters["job"] = NO_JOB  # one that another walk has begun would be there as well
            if called(case) == SEARCH and self.jobs:
                case.body = {"query": "kites"}  # what else may stand there test_described.py tries
            if called(case) == LIST and self.jobs:
                case.query = {}  # all of it, so that there is something to go on with

        def validate_response(self, response: Any, case: Case[Any], **_: Any) -> None:  # noqa: ANN401
            followed[called(case), response.status_code // 100] += 1
            case.validate_response(response, checks=CHECKS)
            if called(case) == ADD and response.status_code == 202 and response.json()["job"]:
                self.jobs.add(response.json()["job"]["id"])
                server.ended(response.json()["job"]["id"])  # what comes next finds the document

        def teardown(self) -> None:
            for one in server.client.get("/v1/collections").json()["collections"]:
                assert server.client.delete(f"/v1/collections/{one['name']}").status_code == 200

    options = settings(
        max_examples=WALKS,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=options)
    assert server.process.poll() is None
    reached = {path for path, kind in followed if kind == 2}
    assert {
        "POST /v1/collections",
        "POST /v1/collections/{collection}/search",
        "POST /v1/collections/{collection}/documents",
        "GET /v1/jobs/{job}",
        "GET /v1/collections/{collection}/documents",
        "GET /v1/collections/{collection}/documents/{document}",
        "GET /v1/collections/{collection}/documents/{document}/blocks",
        "DELETE /v1/collections/{collection}/documents/{document}",
    } <= reached, followed
