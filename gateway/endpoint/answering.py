"""From a well-formed request to its answer: which document, whether it may run, whether its answer is at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import orjson

from gateway.cache.answers import Found, ResponseCache
from gateway.cache.entries import Entry
from gateway.cache.keys import AnswerKey, answer_key
from gateway.endpoint.documents import Chosen, Documents
from gateway.endpoint.exchange import Exchange
from gateway.endpoint.execution import Execution, Task
from gateway.endpoint.requests import GraphQLRequest
from gateway.endpoint.responses import Answer, encode
from gateway.limits.budgets import Budgets
from gateway.limits.limits import DocumentLimits
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may run. key: of its answer in the response cache, None where that is not asked."""

    task: Task
    key: AnswerKey | None


@dataclass(frozen=True, slots=True)
class AnsweringRules:
    """limits: on documents and variables. response_bytes: of an answer at most. seconds: for one execution at most.

    introspection, plan_explain, cost_extension: who may ask for the schema, how its operation was executed, and what
    it cost: ``on``, ``off`` or ``scope:NAME``.
    """

    limits: DocumentLimits = field(default_factory=DocumentLimits)
    response_bytes: int = 1_000_000
    seconds: float = 15.0
    introspection: str = ON
    plan_explain: str = OFF
    cost_extension: str = OFF


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
        self, request: GraphQLRequest, header: Header, viewer: Viewer, exchange: Exchange
    ) -> tuple[Chosen, Asked]:
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
        check_variables(request.variables, self.rules.limits)
        cost = None
        if operation is not None and operation.estimator is not None and self.budgets.estimates:
            cost = exchange.estimated_cost = operation.estimator.estimate(request.variables)
            self.budgets.check(cost, document.sha256)
        task = Task(request, document, operation, viewer, cost)
        return chosen, Asked(task, self._key(task))

    def repeated(self, chosen: Chosen, asked: Asked, exchange: Exchange) -> None:
        """The same request has come again: what is told of it, and counted."""
        operation = asked.task.operation
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
        with exchange.phase("cache"):
            found = await self.cache.find(asked.key, self._make(asked.task, exchange))
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

    def _key(self, task: Task) -> AnswerKey | None:
        operation = task.operation
        if self.cache is None or operation is None or not operation.cacheable or extends(task.request):
            return None
        return answer_key(
            task.document.sha256,
            operation.name,
            task.request.variables,
            operation.variables,
            operation.reads.facets,
            task.viewer,
        )

    def _make(self, task: Task, exchange: Exchange) -> Callable[[], Awaitable[Answer]]:
        """Executes for whoever waits, and later, when nobody does, for whoever comes next."""
        first = [exchange]

        async def make() -> Answer:
            # The first to ask is told where the time went; who shares the answer, or finds it later, has other clocks.
            told = first.pop() if first else Exchange("", "", operation=exchange.operation, document=exchange.document)
            DEADLINE.set(asyncio.get_running_loop().time() + self.rules.seconds)
            return await self._execute(task, told)

        return make

    async def _execute(self, task: Task, exchange: Exchange) -> Answer:
        async with self.admission.slot(exchange):
            answer = await self.execution.run(task, exchange)
        size = len(answer.payload) if isinstance(answer.payload, bytes) else len(encode(answer.payload))
        check_response_size(size, self.rules.response_bytes)
        return answer

    async def _extended(self, task: Task, answer: Answer, exchange: Exchange) -> Answer:
        """The answer with what the request wants to know about it, as far as its viewer may."""
        wanted = task.request.extensions or {}
        if wanted.get("plan") is True and allowed(self.rules.plan_explain, task.viewer):
            answer = await self.execution.explain(task, answer)
        if wanted.get("cost") is True and answer.executed and allowed(self.rules.cost_extension, task.viewer):
            answer = with_cost(task, answer, exchange)
        return answer


def with_cost(task: Task, answer: Answer, exchange: Exchange) -> Answer:
    """The answer with ``extensions.cost``: estimated before it ran, and of what is in it."""
    operation = task.operation
    if operation is None or operation.estimator is None or task.cost is None:
        return answer
    payload = orjson.loads(answer.payload) if isinstance(answer.payload, bytes) else answer.payload
    actual = exchange.actual_cost = operation.estimator.actual(payload.get("data"), task.request.variables)
    extensions = {**payload.get("extensions", {}), "cost": {"estimated": task.cost, "actual": actual}}
    return Answer({**payload, "extensions": extensions}, executed=True)


def extends(request: GraphQLRequest) -> bool:
    """Whether a request asks for more than its answer."""
    wanted = request.extensions
    return wanted is not None and (wanted.get("plan") is True or wanted.get("cost") is True)
