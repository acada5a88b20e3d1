"""Assertions on statements, for the tests of an application. docs/statements.md explains them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from loaders.outside import shape, shortened, watch_django
from loaders.recording import Recording, Sent, recording

if TYPE_CHECKING:
    from types import TracebackType

# Connections are seen from their opening on, so this cannot wait for the first assertion.
watch_django()


class AssertStatements:
    """A block in which exactly ``expected`` statements are sent; ``with`` and ``async with`` both do.

    Gives the ``Recording``. Raises ``AssertionError`` with a table of them where it was another number; an error
    raised inside goes through as it is.
    """

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self._stack = ExitStack()
        self._recording = Recording()

    def __enter__(self) -> Recording:
        self._recording = self._stack.enter_context(recording())
        return self._recording

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._stack.close()
        sent = self._recording.statements
        if error is None and len(sent) != self.expected:
            noun = "statement" if self.expected == 1 else "statements"
            raise AssertionError(f"expected {self.expected} {noun}, sent {len(sent)}\n\n{table(sent)}")

    async def __aenter__(self) -> Recording:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, traceback)


def assert_statements(expected: int) -> AssertStatements:
    """Assert that the block sends ``expected`` statements to the store, through fetches or Django's ORM."""
    return AssertStatements(expected)


HEADER = ("times", "by", "keys", "for", "statement")
ORM = (
    "ORM: run by Django's ORM, outside any fetch: once for each parent, unless a declared fetch makes it once for all."
)


def table(statements: Iterable[Sent]) -> str:
    """Statements as lines of text, in the order of sending; those that repeat one are counted in its line."""
    alike: dict[object, list[Sent]] = {}
    for sent in statements:
        alike.setdefault((sent.outside, sent.paths, shape(sent.text)), []).append(sent)
    lines = [HEADER, *(line for same in alike.values() for line in lines_of(same))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER) - 1)]
    text = ["  ".join([*map(str.ljust, line, widths), line[-1]]).rstrip() for line in lines]
    if any(same[0].outside for same in alike.values()):
        text += ["", ORM]
    return "\n".join(text)


def lines_of(same: list[Sent]) -> Iterable[tuple[str, ...]]:
    """The cells of statements that are alike: one line, and one more for each further field."""
    first = same[0]
    keys = "-" if first.keys is None else str(sum(sent.keys or 0 for sent in same))
    path, *others = first.paths or ("?",)
    yield str(len(same)), "ORM" if first.outside else "fetch", keys, path, shortened(first.text)
    for other in others:
        yield "", "", "", other, ""
