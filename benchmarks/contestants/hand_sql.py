"""The statements of the hand-written contestants: one a level, keyed by the ids of the level above."""

from __future__ import annotations

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
COMMIT = "COMMIT"

LOCATION = """
SELECT now(), l.id, l.node_id::text, l.slug, l.name, l.address, l.timezone, l.currency, l.accepting, l.paused_until,
    l.held_confirmed_at, c.confirmed_at, c.fresh_for_seconds, c.stale_for_seconds, c.source
FROM larder_location l LEFT JOIN larder_confirmation c ON c.id = l.confirmation_id
WHERE l.slug = $1 AND l.deleted_at IS NULL
"""

LOCATION_NAME = """
SELECT id, node_id::text, name, timezone FROM larder_location WHERE slug = $1 AND deleted_at IS NULL
"""

MENUS = """
SELECT id, node_id::text, name, channel, service_date FROM larder_menu
WHERE location_id = $1 AND deleted_at IS NULL
    AND (service_date IS NULL OR service_date >= (now() AT TIME ZONE $2)::date)
ORDER BY service_date, id
"""

SECTIONS = """
SELECT menu_id, id, node_id::text, name FROM larder_section
WHERE menu_id = ANY($1) AND deleted_at IS NULL ORDER BY position, id
"""

ITEMS = """
SELECT p.section_id, i.id, i.node_id::text, i.name, i.description, i.media, i.allergens, i.diets, i.labels
FROM larder_placement p JOIN larder_item i ON i.id = p.item_id
WHERE p.section_id = ANY($1) AND p.deleted_at IS NULL AND i.deleted_at IS NULL ORDER BY p.position, p.id
"""

LISTED_ITEMS = """
SELECT p.section_id, i.node_id::text, i.name, i.description, i.media, i.allergens, i.labels
FROM larder_placement p JOIN larder_item i ON i.id = p.item_id
WHERE p.section_id = ANY($1) AND p.deleted_at IS NULL AND i.deleted_at IS NULL ORDER BY p.position, p.id
"""

OFFERS = """
SELECT item_id, audience, amount::text, currency, per_unit_amount::text, per_unit FROM larder_offer
WHERE item_id = ANY($1) AND deleted_at IS NULL
    AND (valid_from IS NULL OR valid_from <= now()) AND (valid_until IS NULL OR valid_until > now())
ORDER BY audience, id
"""

AVAILABILITIES = """
SELECT a.item_id, a.state, a.until, a.held_confirmed_at, a.confirmation_id
FROM larder_availability a JOIN larder_item i ON i.id = a.item_id AND i.location_id = a.location_id
WHERE a.item_id = ANY($1) AND a.deleted_at IS NULL AND a.channel IS NULL ORDER BY a.id
"""

CONFIRMATIONS = """
SELECT id, confirmed_at, fresh_for_seconds, stale_for_seconds FROM larder_confirmation WHERE id = ANY($1)
"""

PAGE_COLUMNS = """
SELECT now(), l.id, l.node_id::text, l.slug, l.name, l.address, l.accepting, l.paused_until,
    l.held_confirmed_at, c.confirmed_at, c.fresh_for_seconds, c.stale_for_seconds
FROM larder_location l LEFT JOIN larder_confirmation c ON c.id = l.confirmation_id
"""
FIRST_PAGE = f"{PAGE_COLUMNS} WHERE l.deleted_at IS NULL ORDER BY l.name, l.id LIMIT $1"
NEXT_PAGE = f"{PAGE_COLUMNS} WHERE l.deleted_at IS NULL AND (l.name, l.id) > ($2, $3) ORDER BY l.name, l.id LIMIT $1"

MENUS_OF_MANY = """
SELECT m.location_id, m.id, m.node_id::text, m.name, m.channel, m.service_date
FROM larder_menu m JOIN larder_location l ON l.id = m.location_id
WHERE m.location_id = ANY($1) AND m.deleted_at IS NULL
    AND (m.service_date IS NULL OR m.service_date >= (now() AT TIME ZONE l.timezone)::date)
ORDER BY m.service_date, m.id
"""

POSITIONED_SECTIONS = """
SELECT menu_id, node_id::text, name, position FROM larder_section
WHERE menu_id = ANY($1) AND deleted_at IS NULL ORDER BY position, id
"""

CHECKED_ITEMS = """
SELECT id, node_id::text, name FROM larder_item WHERE node_id = ANY($1::uuid[]) AND deleted_at IS NULL
"""

CHECKED_OFFERS = """
SELECT now(), o.item_id, o.node_id::text, o.audience, o.tax_mode, o.valid_until, o.amount::text,
    o.original_amount::text, o.currency, o.per_unit_amount::text, o.per_unit,
    o.held_confirmed_at, c.confirmed_at, c.fresh_for_seconds, c.stale_for_seconds
FROM larder_offer o LEFT JOIN larder_confirmation c ON c.id = o.confirmation_id
WHERE o.item_id = ANY($1) AND o.deleted_at IS NULL
    AND (o.valid_from IS NULL OR o.valid_from <= now()) AND (o.valid_until IS NULL OR o.valid_until > now())
ORDER BY o.audience, o.id
"""
