"""Every alert, and every error that is Larder's own trouble, has its place in the runbook."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.docs.pages import DOCS, ROOT, anchors, headings

RUNBOOK = DOCS / "runbook.md"
TEXT = RUNBOOK.read_text(encoding="utf-8")
ALERTS = [
    rule["alert"]
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
OPERATORS_OWN = {"STORE_BUSY", "STORE_UNAVAILABLE", "INTERNAL_ERROR"}
"""Errors of single fields that no client can mend."""


def sections() -> dict[str, str]:
    """Heading to text, of the headings that describe one failure."""
    parts = re.split(r"^### +(.*?) *$", TEXT, flags=re.MULTILINE)
    return {title: text.partition("\n## ")[0] for title, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_a_heading(alert: str) -> None:
    assert alert.lower() in anchors(RUNBOOK)


def test_no_heading_is_of_an_alert_that_is_gone() -> None:
    assert {text for _, text in headings(RUNBOOK) if text.startswith("Larder")} == set(ALERTS)


@pytest.mark.parametrize("title", sections())
def test_a_failure_says_what_is_seen_what_it_means_and_what_to_do(title: str) -> None:
    assert re.findall(r"^- \*\*(\w+)\.\*\*", sections()[title], re.MULTILINE) == ["Seen", "Means", "Do"]


def test_codes_that_operators_answer_for_are_there() -> None:
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    away = set(re.findall(r"^\| `([A-Z_]+)` \| 503 \|", page, re.MULTILINE))

    assert away
    assert {code for code in away | OPERATORS_OWN if f"`{code}`" not in TEXT} == set()
