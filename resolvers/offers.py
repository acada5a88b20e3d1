"""Offers: those that an item has, and those that hold at an instant."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, F, OrderBy, Q, QuerySet, TextField

from catalog.models import Offer
from loaders.fetches import declared_fetch
from loaders.params import Param
from resolvers.schedules import in_force, offers_begin_or_end


def offers_change(instant: Param) -> tuple[QuerySet[Any, Any], ...]:
    """When any offer begins or ends."""
    return (
        Offer.objects.values_list("valid_from"),
        Offer.objects.values_list("valid_until"),
        offers_begin_or_end(instant),
    )


def valid(at: Any, prefix: str = "") -> Q:
    """Offers that hold at an instant. ``prefix``: path to the offer."""
    begun = Q(**{f"{prefix}valid_from__isnull": True}) | Q(**{f"{prefix}valid_from__lte": at})
    lasting = Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gt": at})
    return begun & lasting & in_force(at, prefix)


def meant_for(column: str, wanted: Any, prefix: str = "") -> Q:
    """Offers for a value of ``column``, and those for every one."""
    return Q(**{f"{prefix}{column}": wanted}) | Q(**{f"{prefix}{column.partition('__')[0]}__isnull": True})


def most_specific(*columns: str, prefix: str = "") -> list[OrderBy]:
    """Offers for something before those for everything, column by column."""
    return [F(f"{prefix}{column}").asc(nulls_last=True) for column in columns]


@declared_fetch(
    Offer,
    key="item_id",
    params={"audience": TextField(), "channel": TextField(), "location": TextField(), "at": DateTimeField()},
    reads_instant=True,
    changes=offers_change,
)
def offers_by_item_id(
    audience: Param | None, channel: Param | None, location: Param | None, at: Param | None, instant: Param
) -> QuerySet[Offer]:
    """The item's offers that hold at an instant, by audience; those for everyone last.

    With an audience, a channel or a location: the offers for it and those for everyone or every one.
    """
    offers = Offer.objects.filter(valid(at or instant), group__isnull=True)
    for column, wanted in (("audience", audience), ("channel", channel), ("location__slug", location)):
        if wanted is not None:
            offers = offers.filter(meant_for(column, wanted))
    return offers.order_by("audience", "id")
