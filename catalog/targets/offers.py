"""Offers: what an item costs, for whom, where and when."""

from __future__ import annotations

from typing import Any

from catalog import models
from catalog.targets.values import choice, instant, money
from sync import records


def offer_row(record: records.OfferRecord) -> dict[str, Any]:
    return {
        "item": record.item,
        "location": record.location,
        "channel": choice("channel", record.channel, models.Channel),
        "audience": choice("audience", record.audience, models.Audience),
        "group": record.group,
        "schedule": record.schedule,
        "amount": money("amount", record.amount),
        "original_amount": money("original amount", record.original_amount),
        "currency": record.currency,
        "tax_mode": choice("tax mode", record.tax_mode, models.TaxMode),
        "per_unit_amount": money("per-unit amount", record.per_unit_amount),
        "per_unit": record.per_unit,
        "valid_from": instant(record.valid_from),
        "valid_until": instant(record.valid_until),
    }
