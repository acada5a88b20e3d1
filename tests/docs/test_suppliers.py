"""Kinds of sources, what a source is declared with, and ways to name a document are documented as they are."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from persisted_queries.protocols import PROTOCOLS
from sync.documents import Limits
from sync.settings import DEFAULT_SLOS, TABLES
from sync.simulators.kinds import KINDS as SIMULATED
from sync.sources import KINDS
from tests.docs.pages import DOCS

SUPPLIERS = (DOCS / "suppliers.md").read_text(encoding="utf-8")


def keys(heading: str) -> set[str]:
    """What the first column of the first table below a heading names."""
    rows = SUPPLIERS.partition(f"{heading}\n")[2].partition("|---|\n")[2].partition("\n\n")[0]
    return {key for cell in re.findall(r"^\| (.*?) \|", rows, re.MULTILINE) for key in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_named(kind: str) -> None:
    assert f"[`{kind}`](" in SUPPLIERS


@pytest.mark.parametrize("kind", SIMULATED)
def test_every_simulator_is_named(kind: str) -> None:
    assert f"| `{kind}`" in (DOCS / "simulator.md").read_text(encoding="utf-8")


def test_what_a_source_is_declared_with_is_documented() -> None:
    assert keys("## A source") == {"kind", "url", "schedules", "slo", *TABLES}


def test_service_levels_are_told_as_they_are() -> None:
    told = ", ".join(
        f"{concern} {slo.fresh_for_seconds} and {slo.stale_for_seconds}" for concern, slo in DEFAULT_SLOS.items()
    )

    assert told in SUPPLIERS


def test_every_limit_is_documented() -> None:
    assert keys("### Limits") == {field.name for field in fields(Limits)}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_way_to_name_a_document_is_documented(protocol: str) -> None:
    assert f"| `{protocol}` |" in (DOCS / "configuration.md").read_text(encoding="utf-8")
