"""The heads of confirmations: of the table, and of its times. A publish bumps each when it has to; others bump both."""

from django.db import migrations

from sync.operations import EVENTS, TrackHead

CREATE = [
    f"CREATE TRIGGER larder_confirmed_{event} AFTER {event.upper()} ON larder_confirmation {rows}"
    " FOR EACH STATEMENT EXECUTE FUNCTION larder_track_head('larder_confirmation.confirmed_at')"
    for event, rows in EVENTS.items()
]
DROP = [f"DROP TRIGGER larder_confirmed_{event} ON larder_confirmation" for event in EVENTS]


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0002_store")]

    operations = [TrackHead("larder_confirmation"), *map(migrations.RunSQL, CREATE, DROP)]
