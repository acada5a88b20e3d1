"""The store follows a real supplier: after each publication the answers equal an independent reading of its files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.reading import Reading
from tests.acceptance.replay import WEEKS_AHEAD, WEEKS_BACK, replay, report, served, unpack

TRACE = Path(__file__).parents[3] / "shared" / "data" / "eat-api-trace.tgz"
NEEDS_TRACE = pytest.mark.skipif(not TRACE.exists(), reason="needs the recorded trace ../shared/data/eat-api-trace.tgz")
STEPS = [0, 1, 2, 3, 4]


def dish(name: str, dish_type: str = "Fleisch") -> dict[str, Any]:
    price = {"base_price": 0, "price_per_unit": 0.9, "unit": "100g"}
    return {
        "name": name,
        "prices": {"students": price, "staff": {**price, "base_price": 1.5}, "guests": None},
        "labels": ["MEAT"],
        "dish_type": dish_type,
    }


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two publications of one week: Wednesday noon, and Thursday just after midnight in Berlin."""
    weeks = [
        {"2025-10-01": ["a"], "2025-10-02": ["b"], "2025-10-03": ["c"]},
        {"2025-10-03": ["C"]},
    ]
    published = ["2025-10-01T10:00:00+00:00", "2025-10-02T22:01:00+00:00"]
    index = []
    for number, days in enumerate(weeks):
        file = tmp_path / f"{number:04}" / "mensa-x" / "2025" / "40.json"
        file.parent.mkdir(parents=True)
        file.write_text(
            json.dumps(
                {"days": [{"date": day, "dishes": [dish(name) for name in names]} for day, names in days.items()]}
            )
        )
        (tmp_path / f"{number:04}" / "canteens.json").write_text('[{"canteen_id": "mensa-x", "name": "Mensa X"}]')
        changed = ["canteens.json", "mensa-x/2025/40.json"]
        index.append({"step": f"{number:04}", "published_at": published[number], "changed": changed, "deleted": []})
    (tmp_path / "index.json").write_text(json.dumps(index))
    return tmp_path


def names(reading: Reading) -> dict[str, list[str]]:
    return {
        date: [dish.name for section in day for dish in section.dishes]
        for (_, date), day in sorted(reading.days.items())
    }


def test_the_reading_keeps_days_that_are_over_and_drops_days_to_come(recording: Path) -> None:
    reading = Reading(recording, 1, 1)
    reading.lay(0)
    reading.follow(0)
    assert names(reading) == {"2025-10-01": ["a"], "2025-10-02": ["b"], "2025-10-03": ["c"]}

    reading.lay(1)
    reading.follow(1)
    assert names(reading) == {"2025-10-01": ["a"], "2025-10-02": ["b"], "2025-10-03": ["C"]}

    index = json.loads((recording / "index.json").read_text())
    index[1]["published_at"] = "2025-10-02T21:59:00+00:00"
    (recording / "index.json").write_text(json.dumps(index))
    reading = Reading(recording, 1, 1)
    for step in (0, 1):
        reading.lay(step)
        reading.follow(step)
    assert names(reading) == {"2025-10-01": ["a"], "2025-10-03": ["C"]}
    assert reading.kept == 1


@pytest.mark.slow
@NEEDS_TRACE
def test_the_answers_follow_the_real_trace(store: str, tmp_path: Path) -> None:
    recording = unpack(TRACE, tmp_path)
    environment = {"LARDER_DATABASE_URL": store, "LARDER_DATA_DIR": os.environ["LARDER_DATA_DIR"]}

    with served(recording, **environment) as (supplier, gateway, settings):
        steps = replay(Reading(recording, WEEKS_BACK, WEEKS_AHEAD), STEPS, supplier, gateway, settings)
        lines: list[str] = []
        equal = report(steps, lines.append)

    assert equal, "\n".join(lines)
