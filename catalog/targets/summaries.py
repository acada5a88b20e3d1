"""What is known of a location as a whole, kept by every publish."""

from __future__ import annotations

from catalog import models
from catalog.models.location import SUMMARY_HEAD
from sync.targets import Derived

OF_LOCATIONS = """
WITH sold AS MATERIALIZED (
    SELECT DISTINCT location.id AS location_id, location.currency, placement.item_id
    FROM larder_location location
    JOIN larder_menu menu ON menu.location_id = location.id AND menu.deleted_at IS NULL
        AND COALESCE(menu.service_date >= (%(at)s::timestamptz AT TIME ZONE location.timezone)::date, true)
    JOIN larder_section section ON section.menu_id = menu.id AND section.deleted_at IS NULL
    JOIN larder_placement placement ON placement.section_id = section.id AND placement.deleted_at IS NULL
    JOIN larder_item item ON item.id = placement.item_id AND item.deleted_at IS NULL
    WHERE location.source = %(source)s AND location.deleted_at IS NULL
), cost AS (
    SELECT location_id, item_id, min(amount) AS amount FROM (
        SELECT DISTINCT ON (sold.location_id, sold.item_id, offer.channel)
            sold.location_id, sold.item_id, offer.amount, offer.per_unit_amount
        FROM sold JOIN larder_offer offer ON offer.item_id = sold.item_id
        LEFT JOIN larder_schedule hours ON hours.id = offer.schedule_id
        WHERE offer.deleted_at IS NULL AND offer.group_id IS NULL
            AND offer.currency = sold.currency AND COALESCE(offer.location_id = sold.location_id, true)
            AND COALESCE(offer.audience = 'GUESTS', true)
            AND COALESCE(offer.valid_from <= %(at)s, true) AND COALESCE(offer.valid_until > %(at)s, true)
            AND CASE WHEN hours.id IS NULL THEN true ELSE larder_schedule_open(
                hours.weekly, hours.exceptions, hours.timezone, hours.first_day, hours.last_day, %(at)s) END
        ORDER BY sold.location_id, sold.item_id, offer.channel, offer.audience, offer.location_id, offer.schedule_id,
            offer.id
    ) best WHERE per_unit_amount IS NULL GROUP BY location_id, item_id
), known AS (
    SELECT sold.location_id, count(*) AS items, count(*) FILTER (WHERE EXISTS (
        SELECT FROM larder_availability a
        WHERE a.item_id = sold.item_id AND a.location_id = sold.location_id AND a.channel IS NULL
            AND a.deleted_at IS NULL AND a.state = 'SOLD_OUT' AND COALESCE(a.until > %(at)s, true)
    )) AS sold_out, min(cost.amount) AS lowest
    FROM sold LEFT JOIN cost USING (location_id, item_id)
    GROUP BY sold.location_id
)
UPDATE larder_location t
SET item_count = COALESCE(known.items, 0), sold_out_count = COALESCE(known.sold_out, 0), lowest_price = known.lowest
FROM larder_location location LEFT JOIN known ON known.location_id = location.id
WHERE t.id = location.id AND location.source = %(source)s
    AND (t.item_count, t.sold_out_count, t.lowest_price)
        IS DISTINCT FROM (COALESCE(known.items, 0), COALESCE(known.sold_out, 0), known.lowest)
"""
"""Counts the items on menus of today and later; of what a guest pays for them, the least that is one fixed amount."""

LOCATIONS = Derived(
    models.Location,
    ("schedule", "location", "menu", "section", "item", "placement", "offer", "availability"),
    OF_LOCATIONS,
    head=SUMMARY_HEAD,
)
