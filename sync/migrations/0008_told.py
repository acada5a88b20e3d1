"""What scopes said when they were last published; forgotten when anybody else writes the tables."""

import django.contrib.postgres.fields
from django.db import migrations, models

from sync.operations import CREATE_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0007_inbox")]

    operations = [
        migrations.CreateModel(
            name='Told',
            fields=[
                ('pk', models.CompositePrimaryKey('source', 'stream', 'scope', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source', models.TextField()),
                ('stream', models.TextField()),
                ('scope', models.TextField()),
                ('digest', models.UUIDField(help_text='Of its records in their order, and of the code that reads them.')),
                ('tables', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), help_text="The tables of its stream's records, and those that they refer to.", size=None)),
            ],
            options={
                'db_table': 'larder_sync_told',
            },
        ),
        migrations.RunSQL(CREATE_FUNCTION, migrations.RunSQL.noop),
    ]
