"""Readers that ask over HTTP in every way there is, and keep when which answer came."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from tests.acceptance.truth.history import Asked, History, Judge, Shown, Wrong

Parts = Callable[[Any], Mapping[str, Any]]
"""The data of an answer as parts by subject."""


@dataclass(frozen=True, slots=True)
class Question:
    """An operation, how its answer falls into parts, and what a part shows of a subject's state."""

    name: str
    document: str
    variables: Mapping[str, Any]
    parts: Parts
    shown: Shown

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.document.encode()).hexdigest()

    def json(self, *, text: bool, by_id: bool) -> dict[str, Any]:
        """The parameters of a request."""
        found: dict[str, Any] = {"variables": dict(self.variables)}
        if text:
            found["query"] = self.document
        if by_id:
            found["extensions"] = {"persistedQuery": {"version": 1, "sha256Hash": self.sha256}}
        return found


@dataclass(slots=True)
class Answers:
    """What came of requests. seen: question, body and its times. codes: of errors, of HTTP and of GraphQL."""

    seen: list[tuple[Question, bytes, Asked]] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    bodies: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Answers and errors."""
        return len(self.seen) + self.codes.total()

    def add(self, question: Question, body: bytes, asked: Asked) -> None:
        """Keep an answer, each body once."""
        self.seen.append((question, self.bodies.setdefault(body, body), asked))

    def wrong(self, histories: Mapping[str, History], judge: Judge) -> list[Wrong]:
        """Every part of every answer that was not true."""
        found, parsed = [], {body: orjson.loads(body) for body in self.bodies}
        for question, body, asked in self.seen:
            for subject, part in question.parts(parsed[body]["data"]).items():
                bad = judge.wrong(histories[subject], question.shown, part, asked)
                if bad is not None:
                    found.append(Wrong(*bad, question.name, subject, part))
        return found

    def failed(self, body: bytes) -> bool:
        """Whether there are errors in a body; counts them."""
        errors = orjson.loads(body).get("errors") if b'"errors"' in body else None
        self.codes.update(error["extensions"]["code"] for error in errors or ())
        return bool(errors)


class Reader:
    """Asks one question after the other. clock: the store's, in seconds since 1970."""

    def __init__(self, client: httpx2.AsyncClient, questions: Sequence[Question], answers: Answers, seed: int) -> None:
        self.client = client
        self.questions = questions
        self.answers = answers
        self.luck = random.Random(seed)  # noqa: S311 - draws questions, no secrets
        self.validators: dict[str, tuple[str, bytes]] = {}
        self.known: set[str] = set()

    async def ask(self) -> None:
        """One request, in any of the ways."""
        draw, question = self.luck.random(), self.luck.choice(self.questions)
        by_id = self.luck.random() < 0.5
        text = not by_id or question.sha256 not in self.known
        if draw < 0.1:
            await self.batch([question, self.luck.choice(self.questions)])
        elif draw < 0.5:
            await self.get(question, text=text, by_id=by_id)
        else:
            await self.post(question, text=text, by_id=by_id)
        if by_id:
            self.known.add(question.sha256)

    async def post(self, question: Question, *, text: bool, by_id: bool) -> None:
        began = times()
        response = await self.sent("POST", "/graphql", json=question.json(text=text, by_id=by_id))
        self.took("POST by id" if by_id else "POST", question, response, began)

    async def get(self, question: Question, *, text: bool, by_id: bool) -> None:
        given = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in question.json(text=text, by_id=by_id).items()
        }
        url = str(httpx2.URL("/graphql", params=given))
        tag, body = self.validators.get(url, ("", b""))
        headers = {"if-none-match": tag} if tag and self.luck.random() < 0.5 else {}
        began = times()
        response = await self.sent("GET", url, headers=headers)
        if response is not None and response.status_code == httpx2.codes.NOT_MODIFIED:
            self.answers.ways["304"] += 1
            self.answers.add(question, body, asked_from(began))
            return
        self.took("GET by id" if by_id else "GET", question, response, began)
        if response is not None and "etag" in response.headers:
            self.validators[url] = (response.headers["etag"], response.content)

    async def batch(self, questions: Sequence[Question]) -> None:
        began = times()
        response = await self.sent("POST", "/graphql", json=[one.json(text=True, by_id=False) for one in questions])
        if response is None:
            return
        if response.status_code != httpx2.codes.OK:
            self.answers.failed(response.content)
            return
        asked = asked_from(began)
        for question, answer in zip(questions, orjson.loads(response.content), strict=True):
            self.answers.ways["batch"] += 1
            body = orjson.dumps(answer)
            if not self.answers.failed(body):
                self.answers.add(question, body, asked)

    async def sent(self, method: str, url: str, **options: Any) -> httpx2.Response | None:
        """The response; None where the gateway itself did not answer."""
        try:
            return await self.client.request(method, url, **options)
        except httpx2.HTTPError as error:
            self.answers.codes[type(error).__name__] += 1
            return None

    def took(self, way: str, question: Question, response: httpx2.Response | None, began: tuple[float, float]) -> None:
        if response is None:
            return
        self.answers.ways[way] += 1
        if not self.answers.failed(response.content):
            self.answers.add(question, response.content, asked_from(began))


def times() -> tuple[float, float]:
    """This moment by the monotonic clock and by the machine's, which is the store's."""
    return time.monotonic(), time.time()


def asked_from(began: tuple[float, float]) -> Asked:
    """From then until this moment."""
    received, received_at = times()
    return Asked(began[0], received, began[1], received_at)
