"""What Django's models cannot say: an unlogged staging table, room for hot updates of heads, and the heads' trigger."""

from django.db import migrations

from sync.operations import CREATE_FUNCTION, DROP_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0001_initial")]

    operations = [
        migrations.RunSQL("ALTER TABLE larder_sync_staged SET UNLOGGED", "ALTER TABLE larder_sync_staged SET LOGGED"),
        migrations.RunSQL("ALTER TABLE larder_head SET (fillfactor = 10)", "ALTER TABLE larder_head RESET (fillfactor)"),
        migrations.RunSQL(CREATE_FUNCTION, DROP_FUNCTION),
    ]
