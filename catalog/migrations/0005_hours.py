"""What a schedule says at an instant, and when it says something else: the only reading of hours that there is.

The clock on the wall decides. Hours belong to the date on which they start, so those of the night before an exception
still run into its morning; an end that is not after its start is on the date after. Where clocks go back, hours within
the repeated hour hold twice; where they go forward, hours that the clock skips do not come. Nothing starts outside
first_day to last_day, and nothing runs on after the end of last_day.
"""

from django.db import migrations

# Planning anew costs more than the statements themselves: hence plan_cache_mode.

CREATE_HOURS = """
CREATE FUNCTION larder_schedule_hours(weekly jsonb, exceptions jsonb, on_date date)
RETURNS TABLE (starts time, ends time) LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN QUERY SELECT (entry->>1)::time, (entry->>2)::time FROM jsonb_array_elements(exceptions) AS entry
        WHERE (entry->>0)::date = on_date;
    IF NOT FOUND THEN
        RETURN QUERY SELECT (entry->>1)::time, (entry->>2)::time FROM jsonb_array_elements(weekly) AS entry
            WHERE (entry->>0)::int = extract(isodow FROM on_date);
    END IF;
END
$$
"""

CREATE_OPEN = """
CREATE FUNCTION larder_schedule_open(
    weekly jsonb, exceptions jsonb, zone text, first_day date, last_day date, at timestamptz
) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    local timestamp := at AT TIME ZONE zone;
    today date := local::date;
    clock time := local::time;
    weekday int := extract(isodow FROM local);
    weekday_before int := (weekday + 5) % 7 + 1;
    usual boolean := true;
    usual_before boolean := COALESCE(today > first_day, true);
BEGIN
    IF today < first_day OR today > last_day THEN
        RETURN false;
    END IF;
    IF exceptions <> '[]' THEN
        IF EXISTS (
            SELECT FROM jsonb_array_elements(exceptions) AS entry
            WHERE (entry->>0)::date = today AND clock >= (entry->>1)::time
                AND (clock < (entry->>2)::time OR (entry->>2)::time <= (entry->>1)::time)
            OR usual_before AND (entry->>0)::date = today - 1
                AND (entry->>2)::time <= (entry->>1)::time AND clock < (entry->>2)::time
        ) THEN
            RETURN true;
        END IF;
        SELECT COALESCE(bool_and((entry->>0)::date <> today), true),
            usual_before AND COALESCE(bool_and((entry->>0)::date <> today - 1), true)
        INTO usual, usual_before FROM jsonb_array_elements(exceptions) AS entry;
    END IF;
    RETURN EXISTS (
        SELECT FROM jsonb_array_elements(weekly) AS entry
        WHERE usual AND (entry->>0)::int = weekday AND clock >= (entry->>1)::time
            AND (clock < (entry->>2)::time OR (entry->>2)::time <= (entry->>1)::time)
        OR usual_before AND (entry->>0)::int = weekday_before
            AND (entry->>2)::time <= (entry->>1)::time AND clock < (entry->>2)::time
    );
END
$$
"""

CREATE_TURN = """
CREATE FUNCTION larder_zone_turn(zone text, since timestamptz, until timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    before interval := (since AT TIME ZONE zone) - (since AT TIME ZONE 'UTC');
    low bigint := extract(epoch FROM since)::bigint;
    high bigint := extract(epoch FROM until)::bigint;
    middle bigint;
    there timestamptz;
BEGIN
    WHILE high - low > 1 LOOP
        middle := (low + high) / 2;
        there := to_timestamp(middle);
        IF (there AT TIME ZONE zone) - (there AT TIME ZONE 'UTC') = before THEN
            low := middle;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    RETURN to_timestamp(high);
END
$$
"""
"""The instant from which the offset differs from that at ``since``; it does so at ``until``."""

CREATE_EDGES = """
CREATE FUNCTION larder_local_edges(local timestamp, zone text)
RETURNS SETOF timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    since timestamptz := (local - interval '2 days') AT TIME ZONE 'UTC';
    until timestamptz := (local + interval '2 days') AT TIME ZONE 'UTC';
    before interval := (since AT TIME ZONE zone) - (since AT TIME ZONE 'UTC');
    after interval := (until AT TIME ZONE zone) - (until AT TIME ZONE 'UTC');
BEGIN
    RETURN NEXT (local - before) AT TIME ZONE 'UTC';
    IF before <> after THEN
        RETURN NEXT (local - after) AT TIME ZONE 'UTC';
        RETURN NEXT larder_zone_turn(zone, since, until);
    END IF;
END
$$
"""
"""Every instant at which the clock on the wall may come to a local time or pass over it, and maybe some others."""

CREATE_CHANGE = """
CREATE FUNCTION larder_schedule_change(
    weekly jsonb, exceptions jsonb, zone text, first_day date, last_day date, at timestamptz, dates date[]
) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    said boolean := larder_schedule_open(weekly, exceptions, zone, first_day, last_day, at);
    candidate timestamptz;
BEGIN
    FOR candidate IN
        SELECT DISTINCT edge FROM (
            SELECT on_date + starts FROM unnest(dates) AS on_date, larder_schedule_hours(weekly, exceptions, on_date)
            UNION
            SELECT on_date + CASE WHEN ends <= starts THEN 1 ELSE 0 END + ends
            FROM unnest(dates) AS on_date, larder_schedule_hours(weekly, exceptions, on_date)
            UNION
            SELECT bound + time '00:00' FROM unnest(ARRAY[first_day, last_day + 1]) AS bound WHERE bound = ANY(dates)
        ) AS edges (local), larder_local_edges(local, zone) AS edge
        WHERE local IS NOT NULL AND edge > at
        ORDER BY edge
    LOOP
        IF larder_schedule_open(weekly, exceptions, zone, first_day, last_day, candidate) <> said THEN
            RETURN candidate;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$
"""
"""The first change after ``at`` that follows from hours of ``dates``."""

CREATE_SEARCH = """
CREATE FUNCTION larder_schedule_search(
    weekly jsonb, exceptions jsonb, zone text, first_day date, last_day date, at timestamptz
) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    today date := (at AT TIME ZONE zone)::date;
    found timestamptz;
BEGIN
    found := larder_schedule_change(weekly, exceptions, zone, first_day, last_day, at, ARRAY(
        SELECT today + day FROM generate_series(-1, 2) AS day
    ));
    -- Edges of later dates may come before those of the last ones, by as much as clocks are put forward or back.
    IF found < at + interval '1 day' THEN
        RETURN found;
    END IF;
    -- Hours of one weekday come again after a week, or after two where the clock skipped them.
    found := larder_schedule_change(weekly, exceptions, zone, first_day, last_day, at, ARRAY(
        SELECT DISTINCT anchor + day FROM (
            SELECT today UNION SELECT first_day UNION SELECT last_day + 1
            UNION SELECT (entry->>0)::date FROM jsonb_array_elements(exceptions) AS entry
        ) AS anchors (anchor), generate_series(-1, 16) AS day
        WHERE anchor >= today - 1
    ));
    RETURN CASE WHEN found < timestamptz '9999-12-31 00:00:00+00' THEN found END;
END
$$
"""
"""The first change after ``at``, however far, whatever the zone's clocks do."""

CREATE_NEXT = """
CREATE FUNCTION larder_schedule_next(
    weekly jsonb, exceptions jsonb, zone text, first_day date, last_day date, at timestamptz
) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    local timestamp := at AT TIME ZONE zone;
    shift interval := local - (at AT TIME ZONE 'UTC');
    later timestamptz := at + interval '10 days';
    today date := local::date;
    weekday int := extract(isodow FROM local);
    edge timestamp;
BEGIN
    IF today > last_day THEN
        RETURN NULL;
    END IF;
    IF (later AT TIME ZONE zone) - (later AT TIME ZONE 'UTC') <> shift THEN
        RETURN larder_schedule_search(weekly, exceptions, zone, first_day, last_day, at);
    END IF;
    -- No clock is put forward or back soon: the days to come are like those on paper, and adjacent hours are one.
    WITH starting AS (
        SELECT today + days AS on_date, (entry->>1)::time AS starts, (entry->>2)::time AS ends
        FROM jsonb_array_elements(weekly) AS entry, unnest(ARRAY[-7, 0, 7]) AS week,
            LATERAL (SELECT ((entry->>0)::int - weekday + 7) % 7 + week AS days) AS ahead
        WHERE days BETWEEN -1 AND 8 AND (exceptions = '[]' OR NOT EXISTS (
            SELECT FROM jsonb_array_elements(exceptions) AS exception WHERE (exception->>0)::date = today + days
        ))
        UNION ALL
        SELECT (entry->>0)::date, (entry->>1)::time, (entry->>2)::time
        FROM jsonb_array_elements(exceptions) AS entry
        WHERE (entry->>0)::date BETWEEN today - 1 AND today + 8 AND entry->>1 IS NOT NULL
    ), spans AS (
        SELECT unnest(range_agg(
            tsrange(on_date + starts, on_date + CASE WHEN ends <= starts THEN 1 ELSE 0 END + ends)
            * tsrange(NULL, (last_day + 1)::timestamp)
        )) AS span
        FROM starting WHERE COALESCE(on_date >= first_day, true) AND COALESCE(on_date <= last_day, true)
    )
    SELECT CASE WHEN lower(span) <= local THEN upper(span) ELSE lower(span) END INTO edge
    FROM spans WHERE upper(span) > local ORDER BY span LIMIT 1;
    IF edge < today + 8 THEN
        RETURN (edge - shift) AT TIME ZONE 'UTC';
    END IF;
    IF last_day IS NULL AND COALESCE(first_day <= today, true) AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(exceptions) AS entry WHERE (entry->>0)::date >= today - 1
    ) THEN
        RETURN NULL;
    END IF;
    RETURN larder_schedule_search(weekly, exceptions, zone, first_day, last_day, at);
END
$$
"""
"""When ``larder_schedule_open`` says something else than at ``at``; null: never."""

FUNCTIONS = {
    "larder_schedule_hours(jsonb, jsonb, date)": CREATE_HOURS,
    "larder_schedule_open(jsonb, jsonb, text, date, date, timestamptz)": CREATE_OPEN,
    "larder_zone_turn(text, timestamptz, timestamptz)": CREATE_TURN,
    "larder_local_edges(timestamp, text)": CREATE_EDGES,
    "larder_schedule_change(jsonb, jsonb, text, date, date, timestamptz, date[])": CREATE_CHANGE,
    "larder_schedule_search(jsonb, jsonb, text, date, date, timestamptz)": CREATE_SEARCH,
    "larder_schedule_next(jsonb, jsonb, text, date, date, timestamptz)": CREATE_NEXT,
}

# PostgreSQL raises for a name that is in its own list of zones not: such a row would fail whoever reads it.
KNOWN_ZONE = "ALTER TABLE {0} ADD CONSTRAINT {0}_zone CHECK (timezone(timezone, to_timestamp(0)) IS NOT NULL)"


class Migration(migrations.Migration):
    dependencies = [("larder_catalog", "0004_schedules_and_options")]

    operations = [
        *(migrations.RunSQL(create, f"DROP FUNCTION {name}") for name, create in FUNCTIONS.items()),
        *(
            migrations.RunSQL(KNOWN_ZONE.format(table), f"ALTER TABLE {table} DROP CONSTRAINT {table}_zone")
            for table in ("larder_location", "larder_schedule")
        ),
    ]
