"""Targets: how neutral records become rows of a model, declared as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from sync.rows import SyncedRow

Rows = models.QuerySet[Any, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class History:
    """Which changes of a target's rows are kept.

    ``model`` has columns run_id, recorded_at, deleted, a foreign key ``row_field`` to the target's row, and
    ``columns``.
    """

    model: type[models.Model]
    row_field: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Population:
    """Where a SPARSE target's default rows come from.

    ``rows(source, scope, as_of)`` is a queryset, or several, over rows that must have a row of this target, with the
    annotated values ``key`` (external id of the target's row), ``match`` (the key by which records name it) and
    ``<column>_key`` for each reference in ``columns``. A key that comes several times is one row, which records may
    name by any of its matches. ``default`` are the remaining columns of a row that no record named.
    """

    rows: Callable[[str, str, datetime], Rows | Sequence[Rows]]
    columns: tuple[str, ...]
    default: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A value that may not leap from one run to the next: the sum of ``columns``, as long as ``unit`` is the same.

    ``name`` is what messages call it.
    """

    name: str
    columns: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Exclusive:
    """Rows equal in the fields ``equal`` may not overlap in time, from ``begins`` up to ``ends`` (null: unbounded)."""

    rule: str
    equal: tuple[str, ...]
    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class Target:
    """How records of one kind become rows of ``model``.

    ``row(payload)`` is pure: record payload -> {column: JSON-able value}; for a foreign key named in ``references``
    the value is the referenced record's external id (or None), under the *field's* name. It raises ``Refused`` for a
    payload that must not enter the store. ``head`` is bumped when a publish changes rows (default: the model's
    table).
    """

    kind: str
    model: type[SyncedRow]
    concern: str
    row: Callable[[Any], dict[str, Any]]
    references: Mapping[str, str] = field(default_factory=dict)
    history: History | None = None
    population: Population | None = None
    move: Move | None = None
    exclusive: Exclusive | None = None
    head: str | None = None

    @property
    def head_name(self) -> str:
        """Name of the head that a publish to this target bumps."""
        return self.head or self.model._meta.db_table


class Refused(Exception):
    """A payload that must not enter the store: ``rule`` names why, ``value`` is the offender."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(f"{rule}: {value!r}")
        self.rule = rule
        self.value = value


@dataclass(frozen=True, slots=True)
class Derived:
    """Columns of ``model`` that follow from rows of ``kinds``.

    ``statement`` updates the rows of one source that differ from what they should be, and no others; it takes the
    parameters source and at (the run's start). ``head`` is bumped when it changed rows (default: the model's table).
    """

    model: type[models.Model]
    kinds: tuple[str, ...]
    statement: str
    head: str | None = None

    @property
    def head_name(self) -> str:
        """Name of the head that a change bumps."""
        return self.head or self.model._meta.db_table


@dataclass(frozen=True, slots=True)
class TargetSet:
    """The targets of an application, in publish order (referenced kinds first).

    ``source_model``, where rows refer to one, has the columns name (unique), kind, account; its row is written before
    anything that refers to it.
    """

    targets: Sequence[Target]
    derived: Sequence[Derived] = ()
    source_model: type[models.Model] | None = None

    def by_kind(self) -> dict[str, Target]:
        """The targets by the kind of record they take."""
        return {target.kind: target for target in self.targets}


def installed_targets() -> TargetSet:
    """The target set that the Django setting ``LARDER_TARGETS`` names (``package.module.NAME``); none without one."""
    if settings.LARDER_TARGETS is None:
        return TargetSet(())
    found = import_string(settings.LARDER_TARGETS)
    if not isinstance(found, TargetSet):
        msg = f"LARDER_TARGETS must name a TargetSet, not {settings.LARDER_TARGETS!r}"
        raise TypeError(msg)
    return found
