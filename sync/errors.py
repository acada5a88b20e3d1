"""What can go wrong while the store is synced.

::

    SyncError
    ├── SettingsError         the sources are declared wrongly
    ├── LeaseTaken            another runner holds the stream
    ├── LeaseLost             another runner took the stream over: this one may not write
    ├── Overtaken             the store changed where a run relied on it
    ├── ProtocolBroken        a source broke the contract of ``sync.protocol``
    ├── DocumentRefused       a supplier's document could not be had or read
    ├── TooManyRefused        the database refuses more rows than a run isolates
    ├── NotDecidable          an operator's decision makes no sense
    └── Pinned                the stream stays as it is until an operator releases it
"""

from __future__ import annotations


class SyncError(Exception):
    """The sync could not do what it was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])


class SettingsError(SyncError, ValueError):
    """``place`` in the declaration of the sources breaks ``rule`` with ``value``."""

    def __init__(self, place: str, rule: str, value: object) -> None:
        super().__init__(f"{place} {rule} (got {value!r})")
        self.place = place
        self.rule = rule
        self.value = value


class LeaseTaken(SyncError):
    """Another runner holds the stream."""


class LeaseLost(SyncError):
    """Another runner took the stream over."""


class Overtaken(SyncError):
    """The store changed where the run relied on it; the next run compares row by row."""


class ProtocolBroken(SyncError):
    """The source broke the protocol of events."""


class DocumentRefused(SyncError):
    """A document of the supplier breaks ``rule`` with ``value``."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value}")
        self.rule = rule
        self.value = str(value)


class TooManyRefused(SyncError):
    """The database refuses more rows than a run isolates one by one."""


class NotDecidable(SyncError):
    """A decision breaks ``rule`` with ``value``."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule} (got {value})")
        self.rule = rule
        self.value = value


class Pinned(SyncError):
    """The stream is pinned: it stays at the outcome of ``run_id`` until an operator releases it."""

    def __init__(self, name: str, run_id: int) -> None:
        super().__init__(f"{name} is pinned at run {run_id}")
        self.run_id = run_id
