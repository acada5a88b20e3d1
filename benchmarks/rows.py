"""The SQL that makes the rows: one statement a table, values drawn by hashing what a row is and its number."""

from __future__ import annotations

TABLES = (
    "larder_source",
    "larder_confirmation",
    "larder_location",
    "larder_menu",
    "larder_section",
    "larder_item",
    "larder_placement",
    "larder_offer",
    "larder_availability",
)

FUNCTIONS = """
CREATE FUNCTION pg_temp.draw(what text, n bigint, sides int) RETURNS int LANGUAGE sql IMMUTABLE
    AS $$ SELECT ((hashtextextended(what, n) % sides + sides) % sides)::int $$;
CREATE FUNCTION pg_temp.node(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5('bench/' || kind || '/' || n)::uuid $$;
CREATE FUNCTION pg_temp.dish(what text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['Geröstete', 'Geräucherte', 'Knusprige', 'Eingelegte', 'Geschmorte', 'Gesalzene', 'Feine', 'Milde'])
        [1 + pg_temp.draw(what || 1, n, 8)] || ' ' ||
        (ARRAY['Linsen', 'Rote Bete', 'Kartoffeln', 'Maultaschen', 'Spätzle', 'Pilze', 'Nudeln', 'Forelle',
               'Tofuwürfel', 'Süßkartoffeln', 'Kichererbsen', 'Aubergine'])
        [1 + pg_temp.draw(what || 2, n, 12)] || ' mit ' ||
        (ARRAY['Sesam', 'Miso', 'Kräuterbutter', 'Zitrone', 'Ingwer', 'Gurkensalat', 'Brühe', 'Roggenbrot', 'Chili',
               'Schnittlauch'])[1 + pg_temp.draw(what || 3, n, 10)]
$$;
CREATE FUNCTION pg_temp.some(what text, n bigint, among text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(name ORDER BY place) FILTER (WHERE pg_temp.draw(what || place, n, 5) = 0), '{}')
    FROM unnest(among) WITH ORDINALITY AS names(name, place)
$$;
"""

CONFIRMATIONS = """
INSERT INTO larder_confirmation
    (id, source, concern, scope, confirmed_at, as_of, fresh_for_seconds, stale_for_seconds)
SELECT s.id * 3 + c.place - 3, 'bench', c.name, s.slug,
    CASE WHEN luck < 80 THEN now() - interval '1 hour' - s.id * interval '1 second'
         WHEN luck < 92 THEN now() - interval '10 days'
         WHEN luck < 98 THEN now() - interval '60 days' END,
    CASE WHEN luck % 3 = 0 THEN date_trunc('minute', now()) - interval '61 minutes' END,
    7 * 86400, 30 * 86400
FROM sizes s, unnest(ARRAY['menu', 'price', 'availability']) WITH ORDINALITY AS c(name, place),
    pg_temp.draw('confirmation{seed}' || c.name, s.id, 100) AS luck
"""

LOCATIONS = """
INSERT INTO larder_location
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, slug, name, address, latitude, longitude,
     timezone, currency, accepting, paused_until)
SELECT id, 'bench', slug, pg_temp.node('location', id), slug, pg_temp.node('hash', id), id * 3 - 2, slug,
    (ARRAY['Mensa', 'Kantine', 'Bistro', 'Café', 'Imbiss'])[1 + pg_temp.draw('kind{seed}', id, 5)] || ' ' ||
    (ARRAY['am Ring', 'Südpark', 'Nord', '„Zur Post“', 'Garching', 'am Fluß'])[1 + pg_temp.draw('place{seed}', id, 6)],
    CASE WHEN id % 7 > 0 THEN 'Hauptstraße ' || id || ', 80333 München' END,
    48 + pg_temp.draw('latitude{seed}', id, 999999) / 1e6, 11 + pg_temp.draw('longitude{seed}', id, 999999) / 1e6,
    (ARRAY['Europe/Berlin', 'Europe/London', 'America/New_York'])[1 + pg_temp.draw('zone{seed}', id, 3)],
    CASE WHEN id % 9 = 0 THEN 'GBP' ELSE 'EUR' END, id % 25 > 0,
    CASE WHEN id % 50 = 0 THEN date_trunc('day', now()) + interval '30 days' END
FROM sizes
"""

MENUS = """
INSERT INTO larder_menu
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, location_id, channel, name, service_date)
SELECT id, 'bench', slug, pg_temp.node('menu', id), slug, pg_temp.node('hash', id), id * 3 - 2, id,
    (ARRAY['DINE_IN', 'PICKUP', 'DELIVERY'])[1 + pg_temp.draw('channel{seed}', id, 3)],
    CASE WHEN id % 3 > 0 THEN 'Speisekarte' ELSE 'Tageskarte' END,
    CASE WHEN id % 3 = 0 THEN current_date + 2 END
FROM sizes
"""

SECTIONS = """
CREATE TEMP TABLE headings ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY s.id, place) AS id, s.id AS menu_id, s.slug, place
FROM sizes s, generate_series(0, (s.items - 1) / s.per_section) AS place;
INSERT INTO larder_section
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, menu_id, parent_id, name, position)
SELECT id, 'bench', slug || '/' || place, pg_temp.node('section', id), slug, pg_temp.node('hash', id), menu_id * 3 - 2,
    menu_id, NULL, (ARRAY['Vorspeisen', 'Hauptgerichte', 'Nachspeisen', 'Getränke'])[1 + place % 4], place
FROM headings
"""

ITEMS = """
CREATE TEMP TABLE dishes ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY h.id, dish) AS id, h.id AS section_id, h.menu_id AS location_id, h.slug,
    dish AS place
FROM headings h JOIN sizes s ON s.id = h.menu_id, generate_series(0, s.per_section - 1) AS dish
WHERE h.place * s.per_section + dish < s.items;
INSERT INTO larder_item
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, held_confirmed_at, location_id, name,
     language, description, translations, media, allergens, diets, labels)
SELECT id, 'bench', slug || '/' || id, pg_temp.node('item', id), slug, pg_temp.node('hash', id), location_id * 3 - 2,
    CASE WHEN id % 50 = 0 THEN now() - interval '20 days' END, location_id, pg_temp.dish('name{seed}', id), 'de',
    CASE WHEN id % 10 > 0 THEN pg_temp.dish('description{seed}', id) || ', dazu ' || pg_temp.dish('side{seed}', id) END,
    CASE WHEN id % 4 = 0 THEN jsonb_build_object('en', jsonb_build_object('name', 'Dish no. ' || id)) ELSE '{}' END,
    CASE WHEN id % 2 = 0 THEN ARRAY['https://media.example/' || pg_temp.node('media', id) || '.webp'] ELSE '{}' END,
    CASE WHEN id % 12 > 0 THEN pg_temp.some('allergens{seed}', id,
        ARRAY['CELERY', 'EGGS', 'FISH', 'GLUTEN', 'MILK', 'MUSTARD', 'NUTS', 'SESAME', 'SOYBEANS']) END,
    CASE id % 5 WHEN 0 THEN NULL WHEN 1 THEN ARRAY['VEGAN', 'VEGETARIAN'] WHEN 2 THEN ARRAY['VEGETARIAN'] ELSE '{}' END,
    pg_temp.some('labels{seed}', id, ARRAY['A1', 'B', 'C2', '14'])
FROM dishes
"""

PLACEMENTS = """
INSERT INTO larder_placement
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, section_id, item_id, position)
SELECT id, 'bench', slug || '/' || id, pg_temp.node('placement', id), slug, pg_temp.node('hash', id),
    location_id * 3 - 2, section_id, id, (place * 7) % 50
FROM dishes
"""

OFFERS = """
INSERT INTO larder_offer
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, held_confirmed_at, item_id, audience,
     amount, original_amount, currency, tax_mode, per_unit_amount, per_unit, valid_from, valid_until)
SELECT id * 3 + a.place - 3, 'bench', slug || '/' || id || '/' || a.name, pg_temp.node('offer', id * 3 + a.place),
    slug, pg_temp.node('hash', id), location_id * 3 - 1,
    CASE WHEN id % 50 = 0 THEN now() - interval '20 days' END, id, a.name,
    CASE WHEN id % 10 > 0 OR a.place <> 2 THEN 1.5 + pg_temp.draw('amount{seed}', id, 200) / 10.0 + a.place END,
    CASE WHEN id % 12 = 0 THEN 29.9 END, CASE WHEN location_id % 9 = 0 THEN 'GBP' ELSE 'EUR' END,
    (ARRAY['INCLUDED', 'UNKNOWN'])[1 + (id % 2)::int],
    CASE WHEN id % 10 < 2 THEN 0.85 + a.place / 100.0 END, CASE WHEN id % 10 < 2 THEN '100g' END,
    CASE WHEN id % 8 = 0 OR a.place = 3 THEN date_trunc('day', now()) - interval '90 days' END,
    CASE WHEN a.place = 3 THEN date_trunc('day', now()) - interval '2 days'
         WHEN id % 8 = 0 THEN date_trunc('day', now()) + interval '90 days' END
FROM dishes, unnest(ARRAY['STUDENTS', 'GUESTS', 'STAFF']) WITH ORDINALITY AS a(name, place)
WHERE a.place < 3 OR id % 10 = 0
"""

AVAILABILITIES = """
INSERT INTO larder_availability
    (id, source, external_id, node_id, scope, content_hash, confirmation_id, item_id, location_id, state, until,
     quantity, reason)
SELECT id, 'bench', slug || '/' || id, pg_temp.node('availability', id), slug, pg_temp.node('hash', id),
    location_id * 3, id, location_id,
    (ARRAY['SOLD_OUT', 'SOLD_OUT', 'HIDDEN', 'AVAILABLE'])[1 + least(pg_temp.draw('state{seed}', id, 20), 3)],
    CASE id % 7 WHEN 0 THEN date_trunc('day', now()) + interval '30 days' WHEN 1 THEN now() - interval '1 day' END,
    CASE WHEN id % 3 = 0 THEN id % 40 END, CASE WHEN id % 19 = 0 THEN 'Ausverkauft' END
FROM dishes WHERE id % 11 > 0
"""

STATEMENTS = (CONFIRMATIONS, LOCATIONS, MENUS, SECTIONS, ITEMS, PLACEMENTS, OFFERS, AVAILABILITIES)
