"""What an item costs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet, TextField

from catalog.models import Offer
from loaders.fetches import declared_fetch
from loaders.params import Param


def validities_change(_: Param) -> tuple[QuerySet[Offer, Any], ...]:
    """When any offer begins or ends."""
    return Offer.objects.values_list("valid_from"), Offer.objects.values_list("valid_until")


@declared_fetch(
    Offer,
    key="item_id",
    params={"audience": TextField(), "channel": TextField()},
    reads_instant=True,
    changes=validities_change,
)
def offers_by_item_id(audience: Param | None, channel: Param | None, instant: Param) -> QuerySet[Offer]:
    """The item's offers that are valid at the operation instant, by audience; those for everyone last.

    With an audience or a channel: the offers for it and those for everyone or every channel.
    """
    offers = Offer.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=instant),
        Q(valid_until__isnull=True) | Q(valid_until__gt=instant),
    )
    if audience is not None:
        offers = offers.filter(Q(audience=audience) | Q(audience__isnull=True))
    if channel is not None:
        offers = offers.filter(Q(channel=channel) | Q(channel__isnull=True))
    return offers.order_by("audience", "id")
