"""Every metric is documented, and dashboards and alerts name none that does not exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.observing.access import Answered, told
from gateway.observing.families import BY_NAME, FAMILIES, Family
from tests.gateway.observing.exchanges import answered

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
ALERTS = ROOT / "deploy" / "prometheus-alerts.yml"
NO_LABEL = "\N{EN DASH}"
PARTS = ("_bucket", "_count", "_sum")


def row(family: Family) -> tuple[str, ...]:
    labels = [*family.labels, *(["worker"] if family.by_worker else [])]
    return family.name, family.kind, ", ".join(f"`{label}`" for label in labels) or NO_LABEL, family.meaning


def expressions(path: Path) -> list[str]:
    if path.suffix == ".json":
        dashboard: dict[str, Any] = json.loads(path.read_text())
        return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return re.findall(r"^ +expr: (.*)$", path.read_text(), re.MULTILINE)


def family_of(name: str) -> Family | None:
    """The family that a name in an expression is of: a histogram has three."""
    for part in PARTS:
        family = BY_NAME.get(name.removesuffix(part))
        if name.endswith(part) and family is not None:
            return family if family.kind == "histogram" else None
    family = BY_NAME.get(name)
    return None if family is None or family.kind == "histogram" else family


def test_every_metric_is_documented_as_it_is() -> None:
    rows = re.findall(r"^\| `(larder_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)

    assert rows == [row(family) for family in FAMILIES]


@pytest.mark.parametrize("path", [DASHBOARD, ALERTS], ids=lambda path: path.name)
def test_expressions_name_metrics_and_labels_that_exist(path: Path) -> None:
    found = expressions(path)

    assert found
    for expression in found:
        names = re.findall(r"\blarder_\w+", expression)
        assert names
        known = {"le"}
        for name in names:
            family = family_of(name)
            assert family is not None, name
            known |= {*family.labels, *(["worker"] if family.by_worker else [])}
        used = {label.strip() for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(",")}
        used |= set(re.findall(r"(\w+)=~?\"", expression))
        assert used <= known, expression


def test_every_key_of_a_line_is_documented() -> None:
    table = PAGE.partition("| key | value |")[2].partition("\n\n")[0]
    shown = {
        key for cells in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for key in re.findall(r"`(\w+)`", cells)
    }

    assert shown == set(told(Answered(answered(codes=("BAD_CURSOR",)), 0.1, 0.0)))


def test_the_dashboard_has_no_panel_twice() -> None:
    panels = orjson.loads(DASHBOARD.read_bytes())["panels"]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}) == len(panels)
