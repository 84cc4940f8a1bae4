"""Whatever fits the API's own description is answered, and never with a 5xx (S11.4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings

from integration.harness import KEY, make_workspace
from patron.api.app import create_app
from patron.workspace import Workspace

EXAMPLES = 8
DEEP_EXAMPLES = 100


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, str]]:
    """An app over a workspace that holds one customer, and the admin token."""
    folder: Path = tmp_path_factory.mktemp("schema") / "workspace"
    token = make_workspace(folder)
    with Workspace(folder) as workspace:
        body = (
            b'{"userId":"ann","event":"Order Completed","properties":{"total":5,"products":[{}]}}'
        )
        workspace.collect_one(body, "track", KEY).result(timeout=30)
        workspace.collect_one(b'{"userId":"ann"}', "track", KEY).result(timeout=30)
        yield create_app(workspace), token


def test_no_question_is_answered_with_a_mistake_of_the_server(
    served: tuple[FastAPI, str], deep: bool
) -> None:
    app, token = served
    api = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    operations = [
        operation
        for operation in (found.ok() for found in api.get_all_operations())
        if not operation.path.endswith("/stream")  # ends only when its reader goes
    ]
    assert len(operations) > 20
    mistakes = []
    for operation in operations:
        try:
            ask(operation, token, DEEP_EXAMPLES if deep else EXAMPLES)
        except (AssertionError, BaseExceptionGroup) as mistake:
            mistakes.append(f"{operation.label}: {_shown(mistake)}")
    assert not mistakes, "\n\n".join(mistakes)


READ_BY_THE_SPECIFICATION = {"ClassificationDefinition"}
"""Their fields depend on the kind; what reads definitions refuses those that are not known."""


def test_every_body_refuses_fields_that_it_does_not_know(served: tuple[FastAPI, str]) -> None:
    document = served[0].openapi()
    models = document["components"]["schemas"]

    def named(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if "$ref" in part:
                yield part["$ref"].rsplit("/", 1)[-1]
            part = list(part.values())
        if isinstance(part, list):
            for one in part:
                yield from named(one)

    operations = [one for path in document["paths"].values() for one in path.values()]
    reached = {name for one in operations for name in named(one.get("requestBody"))}
    while more := {name for one in reached for name in named(models[one])} - reached:
        reached |= more
    objects = {name for name in reached if models[name].get("type") == "object"}
    assert len(objects) > 50
    lax = {name for name in objects if models[name].get("additionalProperties") is not False}
    assert lax == READ_BY_THE_SPECIFICATION


def ask(operation: Any, token: str, examples: int) -> None:
    """Ask what fits the description of one operation, and check each answer against it."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(operation.as_strategy())
    def check(case: Any) -> None:
        case.query.pop("min_position", None)  # a position of the future is waited for
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            checks=[
                schemathesis.checks.not_a_server_error,
                schemathesis.checks.content_type_conformance,
                schemathesis.checks.response_schema_conformance,
            ],
        )

    check()


def _shown(mistake: BaseException) -> str:
    if isinstance(mistake, BaseExceptionGroup):
        return "\n".join(_shown(inner) for inner in mistake.exceptions)
    return str(mistake)
