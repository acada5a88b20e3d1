"""What an item costs the one who asks."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet, TextField

from catalog.models import Audience, Offer
from loaders.facets import Facet
from loaders.fetches import declared_fetch
from loaders.params import Param
from resolvers.offers import validities_change

AUDIENCE = Facet(Offer._meta.get_field("audience"), default=Audience.GUESTS)
"""The audience that a viewer belongs to."""


@declared_fetch(
    Offer,
    key="item_id",
    many=False,
    params={"channel": TextField()},
    facets={"audience": AUDIENCE},
    reads_instant=True,
    changes=validities_change,
)
def price_by_item_id(channel: Param | None, audience: Param, instant: Param) -> QuerySet[Offer]:
    """The offer that is valid at the operation instant for the viewer's audience, else the one for everyone.

    It holds at the item's own location and, with a channel, for it; the more specific one comes first. Without a
    channel only those of every channel count: a channel's own says nothing of the others.
    """
    offers = Offer.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=instant),
        Q(valid_until__isnull=True) | Q(valid_until__gt=instant),
        Q(audience=audience) | Q(audience__isnull=True),
        Q(location__isnull=True) | Q(location_id=F("item__location_id")),
    )
    if channel is None:
        offers = offers.filter(channel__isnull=True)
    else:
        offers = offers.filter(Q(channel=channel) | Q(channel__isnull=True))
    return offers.order_by(*(F(column).asc(nulls_last=True) for column in ("audience", "location", "channel")), "id")
