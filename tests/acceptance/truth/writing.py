"""Writers: each has a subject of its own and changes it, transaction after transaction, in a thread of its own."""

from __future__ import annotations

import random
import threading
import traceback
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connections, transaction

from tests.acceptance.truth.history import History

Stroke = Callable[[Any, int], Any]
"""Changes the store inside of a transaction; takes the subject's state and a version, gives the state after it."""

STROKES = (1, 1, 1, 2, 4)
"""Strokes in a transaction, each as likely as the others."""


class Writer(ABC):
    """routes: how often each way of writing was taken; given_up: transactions that PostgreSQL ended as deadlocks."""

    def __init__(self, subject: str, first: Any, seed: int) -> None:
        self.subject = subject
        self.history = History([first])
        self.version = 0
        self.luck = random.Random(seed)  # noqa: S311 - draws what is written, no secrets
        self.routes: Counter[str] = Counter()

    @abstractmethod
    def strokes(self) -> Sequence[Stroke]:
        """The ways of writing that may meet in one transaction."""

    def write(self) -> None:
        """One transaction of some strokes."""
        self.write_by(self.luck.sample(list(self.strokes()), self.luck.choice(STROKES)))

    def write_by(self, strokes: Sequence[Stroke]) -> None:
        """One transaction of these."""
        self.version += 1
        try:
            with transaction.atomic():
                state = self.history.now
                for stroke in strokes:
                    state = stroke(state, self.version)
                self.history.say(state)
        except OperationalError as error:
            if "deadlock" not in str(error):
                raise
            self.routes["given_up"] += 1
            return
        self.history.done()
        self.routes.update(stroke.__name__ for stroke in strokes)


class Writers:
    """Lets writers write: mostly with rests between, in which what a bug has left can be seen, sometimes without.

    rest_seconds: the mean of a rest.
    """

    def __init__(self, writers: Sequence[Writer], rest_seconds: float) -> None:
        self.writers = writers
        self.rest_seconds = rest_seconds
        self.failures: list[str] = []
        self._rests = 0
        self._over = threading.Event()
        self._turns = [threading.Lock() for _ in writers]

    @property
    def histories(self) -> dict[str, History]:
        return {writer.subject: writer.history for writer in self.writers}

    @property
    def transactions(self) -> int:
        return sum(len(writer.history.committed) for writer in self.writers)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the block ends. Raises what went wrong."""
        threads = [
            threading.Thread(target=self._work, args=pair) for pair in zip(self.writers, self._turns, strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        assert self.failures == [], "\n".join(self.failures)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Nobody writes until the block ends; then over connections of their own again, new ones."""
        for turn in self._turns:
            turn.acquire()
        try:
            yield
        finally:
            self._rests += 1
            for turn in self._turns:
                turn.release()

    def _rest(self, writer: Writer) -> float:
        return 0.0 if writer.luck.random() < 0.3 else writer.luck.expovariate(1 / self.rest_seconds)

    def _work(self, writer: Writer, turn: threading.Lock) -> None:
        rests = 0
        try:
            while not self._over.wait(self._rest(writer)):
                with turn:
                    if rests != self._rests:
                        rests = self._rests
                        connections.close_all()
                    writer.write()
        except BaseException:  # noqa: BLE001 - told to the test, which is in another thread
            self.failures.append(traceback.format_exc())
        finally:
            connections.close_all()
