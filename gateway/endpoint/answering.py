"""From a well-formed request to its answer: which document, whether it may run, whether its answer is at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.cache.answers import Found, ResponseCache
from gateway.cache.entries import Entry, Work
from gateway.cache.keys import AnswerKey, answer_key
from gateway.endpoint.documents import Chosen, Documents
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.execution import Execution, Task
from gateway.endpoint.explaining import with_plan
from gateway.endpoint.requests import GraphQLRequest
from gateway.endpoint.responses import Answer, encode, extended, parsed
from gateway.endpoint.versions import Reached
from gateway.limits.budgets import Budgets
from gateway.limits.response_size import check_response_size
from gateway.limits.rules import check_variables
from gateway.load.admission import Admission
from gateway.scopes.access import OFF, ON, allowed
from gateway.scopes.introspection import check_introspection
from gateway.scopes.required import check
from gateway.scopes.suggestions import without_suggestions
from loaders.deadline import DEADLINE
from loaders.viewer import Viewer

Header = Callable[[bytes], str]

HELD_PER_VARIABLE_BYTE = 8
"""What a variable holds in memory for each byte of its JSON, about: a short one in a list of many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may run. key: of its answer in the response cache, None where that is not asked."""

    chosen: Chosen
    task: Task
    key: AnswerKey | None


@dataclass(frozen=True, slots=True)
class AnsweringRules:
    """response_bytes: of an answer at most, unless its document has a budget. seconds: for one execution at most.

    introspection, plan_explain, cost_extension, freshness_extension: who may ask for the schema, how its operation was
    executed, what it cost, and how old the sources are: ``on``, ``off`` or ``scope:NAME``.
    """

    response_bytes: int = 1_000_000
    seconds: float = 15.0
    introspection: str = ON
    plan_explain: str = OFF
    cost_extension: str = OFF
    freshness_extension: str = ON


class Answering:
    """Answers requests one by one. documents: by default any that is sent as text. cache: None to execute every one."""

    def __init__(
        self,
        execution: Execution,
        documents: Documents | None = None,
        *,
        budgets: Budgets | None = None,
        cache: ResponseCache | None = None,
        admission: Admission | None = None,
        rules: AnsweringRules | None = None,
    ) -> None:
        self.execution = execution
        self.documents = documents or Documents(execution.preparer)
        self.budgets = budgets or Budgets()
        self.cache = cache
        self.admission = admission or Admission(None)
        self.rules = rules or AnsweringRules()

    async def ask(
        self,
        request: GraphQLRequest,
        header: Header,
        viewer: Viewer,
        exchange: Exchange,
        version: Reached | None = None,
    ) -> Asked:
        """What a request asks for. Raises ``RequestError`` for what may not run."""
        exchange.subject = viewer.subject
        chosen = await self.documents.choose(request, header)
        document = chosen.prepared
        exchange.document = document.sha256
        exchange.client, exchange.client_version = chosen.client.name, chosen.client.version
        name = document.choose(request.operation_name, by_get=request.by_get)
        if chosen.registers is not None:
            await self.documents.keep(chosen)
        operation = document.operations[name] if document.operations is not None else None
        exchange.operation = name
        if operation is not None:
            check_introspection(self.rules.introspection, operation.introspects, viewer)
            check(operation.required, viewer)
        check_variables(request.variables, document.limits)
        cost = None
        if operation is not None and operation.estimator is not None and self.budgets.estimates:
            cost = exchange.estimated_cost = operation.estimator.estimate(request.variables)
            self.budgets.check(cost, document.sha256, document.own_cost)
        fresh = (request.extensions or {}).get("freshness") is True
        fresh = fresh and allowed(self.rules.freshness_extension, viewer)
        task = Task(request, document, operation, viewer, cost, fresh, version)
        return Asked(chosen, task, self._key(task))

    def repeated(self, asked: Asked, exchange: Exchange) -> None:
        """The same request has come again: what is told of it, and counted."""
        chosen, operation = asked.chosen, asked.task.operation
        exchange.subject = asked.task.viewer.subject
        exchange.document, exchange.operation = chosen.prepared.sha256, operation.name if operation else None
        exchange.client, exchange.client_version = chosen.client.name, chosen.client.version
        exchange.estimated_cost = asked.task.cost
        self.documents.count(chosen)

    def hit(self, asked: Asked, exchange: Exchange) -> Entry | None:
        """The entry that answers at once, if there is one."""
        if self.cache is None or asked.key is None:
            return None
        entry = self.cache.hit(asked.key)
        if entry is not None:
            exchange.cache = "hit"
        return entry

    async def answer(self, asked: Asked, exchange: Exchange) -> Found:
        """The answer, executed where need be. Raises ``RequestError``."""
        if self.cache is None or asked.key is None:
            exchange.cache = "bypass" if self.cache is not None else ""
            answer = await self._execute(asked.task, exchange)
            answer = await self._extended(asked.task, answer, exchange)
            return Found(self._as_told(answer, asked.task.viewer), None, exchange.cache)
        # What is told of a request that fails meanwhile.
        exchange.cache = "miss"
        with exchange.phase("cache"):
            found = await self.cache.find(asked.key, self._work(asked), exchange)
        exchange.cache = found.outcome
        if found.entry is not None:
            return found
        return replace(found, answer=self._as_told(found.answer, asked.task.viewer))

    def _as_told(self, answer: Answer, viewer: Viewer) -> Answer:
        """The answer without suggestions, for a viewer who may not read every name that one could hold."""
        payload = answer.payload
        if isinstance(payload, bytes) or not payload.get("errors") or self._reads_the_schema(viewer):
            return answer
        errors = [{**error, "message": without_suggestions(error["message"])} for error in payload["errors"]]
        return replace(answer, payload={**payload, "errors": errors})

    def _reads_the_schema(self, viewer: Viewer) -> bool:
        scopes = self.execution.preparer.scopes
        return allowed(self.rules.introspection, viewer) and scopes.relevant <= viewer.scopes

    def _extends(self, task: Task) -> bool:
        """Whether a request asks for more than its answer, and may."""
        wanted, rules = task.request.extensions, self.rules
        if task.freshness or task.version is not None:
            return True
        return wanted is not None and (
            (wanted.get("plan") is True and allowed(rules.plan_explain, task.viewer))
            or (wanted.get("cost") is True and allowed(rules.cost_extension, task.viewer))
        )

    def _key(self, task: Task) -> AnswerKey | None:
        operation = task.operation
        if self.cache is None or operation is None or not operation.cacheable or self._extends(task):
            return None
        return answer_key(
            task.document.identity,
            operation.name,
            task.request.variables,
            operation.variables,
            operation.reads.facets,
            task.viewer,
        )

    def _work(self, asked: Asked) -> Work:
        """Executes an operation for whoever waits, and later, when nobody does, for whoever comes next.

        It is kept as long as the answer, so it holds no more of the request than the operation needs.
        """
        task, preparer = asked.task, self.execution.preparer
        operation, text, registered = task.operation, task.document.text, asked.chosen.registered
        if operation is None:
            raise AssertionError("only operations that are known have keys")
        name, given = operation.name, task.request.variables or {}
        variables = {known: given[known] for known in operation.variables if known in given}
        request = GraphQLRequest({}, variables, task.request.operation_name)
        document = task.document if registered else None
        viewer, cost = task.viewer, task.cost

        async def run(exchange: Exchange) -> Answer:
            found = document or preparer.of_text(text)
            exchange.document, exchange.operation = found.sha256, name
            # A deadline of its own: who began it may have less time than those who wait with it.
            DEADLINE.set(asyncio.get_running_loop().time() + self.rules.seconds)
            known = found.operations[name] if found.operations is not None else None
            return await self._execute(Task(request, found, known, viewer, cost), exchange)

        key_bytes = len(asked.key[2]) if asked.key is not None else 0
        return Work(run, (0 if registered else len(text)) + HELD_PER_VARIABLE_BYTE * key_bytes)

    async def _execute(self, task: Task, exchange: Exchange) -> Answer:
        async with self.admission.slot(exchange):
            answer = await self.execution.run(task, exchange)
        size = len(answer.payload) if isinstance(answer.payload, bytes) else len(encode(answer.payload))
        check_response_size(size, task.document.own_response_bytes or self.rules.response_bytes)
        return answer

    async def _extended(self, task: Task, answer: Answer, exchange: Exchange) -> Answer:
        """The answer with what the request wants to know about it, as far as its viewer may."""
        wanted = task.request.extensions or {}
        if wanted.get("plan") is True and allowed(self.rules.plan_explain, task.viewer):
            answer = await with_plan(self.execution, task, answer)
        if wanted.get("cost") is True and answer.executed and allowed(self.rules.cost_extension, task.viewer):
            answer = with_cost(task, answer, exchange)
        if task.version is not None and answer.executed:
            answer = extended(answer, version=task.version.told())
        return answer


def with_cost(task: Task, answer: Answer, exchange: Exchange) -> Answer:
    """The answer with ``extensions.cost``: estimated before it ran, and of what is in it."""
    operation = task.operation
    if operation is None or operation.estimator is None or task.cost is None:
        return answer
    actual = exchange.actual_cost = operation.estimator.actual(parsed(answer).get("data"), task.request.variables)
    return extended(answer, cost={"estimated": task.cost, "actual": actual})
