"""Groups of options, their options, and the items that offer them."""

from __future__ import annotations

from typing import Any

from catalog import models
from catalog.targets.values import choice, language, whole
from sync import records
from sync.targets import Refused


def option_group_row(record: records.OptionGroupRecord) -> dict[str, Any]:
    bounds("options", record.least, record.most)
    return {
        "name": record.name,
        "language": language(record.language),
        "translations": record.translations,
        "least": record.least,
        "most": record.most,
        "price_method": choice("price method", record.price_method, models.PriceMethod),
    }


def group_option_row(record: records.GroupOptionRecord) -> dict[str, Any]:
    return {
        "group": record.group,
        "item": record.item,
        "position": whole("position", record.position),
        "preselected": record.preselected,
    }


def item_group_row(record: records.ItemGroupRecord) -> dict[str, Any]:
    bounds("options", record.least or 0, record.most)
    return {
        "item": record.item,
        "group": record.group,
        "position": whole("position", record.position),
        "least": record.least,
        "most": record.most,
        "most_overridden": record.most_overridden or record.most is not None,
    }


def bounds(rule: str, least: int, most: int | None) -> None:
    """Refuse a range in which nothing can be chosen."""
    whole(f"the least number of {rule}", least)
    if most is not None and whole(f"the most {rule}", most) < least:
        raise Refused(f"the most {rule} must not be below the least", f"{least} to {most}")
