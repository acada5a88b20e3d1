"""Bad requests against the endpoint inside the test's process: none is more than a refusal."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.abuse.bodies import all_bodies
from tests.abuse.cases import Bad
from tests.abuse.documents import all_documents
from tests.abuse.judging import Answer
from tests.abuse.variables import all_variables

CASES = [case for case in [*all_bodies(), *all_documents(), *all_variables()] if not case.heavy]
PATIENCE_SECONDS = 30


async def answered(app: Any, case: Bad) -> Answer:
    """What an application sends."""
    sent: list[dict[str, Any]] = []
    received = [{"type": "http.request", "body": case.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not received:
            await asyncio.Event().wait()
        return received.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async with asyncio.timeout(PATIENCE_SECONDS):
        await app(case.scope(), receive, send)
    head, *parts = sent
    headers = {name.decode(): value.decode("latin-1") for name, value in head["headers"]}
    return Answer(head["status"], headers, b"".join(part.get("body", b"") for part in parts))


async def test_no_bad_request_is_more_than_refused(stocked_store: str) -> None:
    from tests.acceptance.gateways import gateway  # noqa: PLC0415 - models load only once Django is set up

    wrong = []
    async with gateway(stocked_store) as served:
        app = served.client._transport.app  # type: ignore[attr-defined]
        for case in CASES:
            try:
                answer = await answered(app, case)
            except Exception as error:  # noqa: BLE001 - each one is a finding
                wrong.append(f"{case}: {error!r}")
                continue
            wrong += [f"{case}: {problem}" for problem in answer.problems()]

    assert wrong == [], "\n".join(wrong)


def test_there_are_many_cases_and_each_has_a_name_of_its_own() -> None:
    names = [str(case) for case in [*all_bodies(), *all_documents(), *all_variables()]]

    assert len(names) > 300
    assert sorted(names) == sorted(set(names))
