"""What runs heard, and what operators decided about them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0004_purge")]

    operations = [
        migrations.CreateModel(
            name='Body',
            fields=[
                ('sha256', models.BinaryField(help_text='Of the bytes as they came.', primary_key=True, serialize=False)),
                ('content', models.BinaryField(help_text='The bytes, compressed with zstd.')),
                ('kept_at', models.DateTimeField(help_text='When they came last.')),
            ],
            options={
                'db_table': 'larder_sync_body',
            },
        ),
        migrations.AddField(
            model_name='run',
            name='cursor',
            field=models.JSONField(default=dict, help_text='What the run began with.'),
        ),
        migrations.AddField(
            model_name='run',
            name='decision',
            field=models.TextField(blank=True, choices=[('APPROVED', 'Approved'), ('REJECTED', 'Rejected')], default=''),
        ),
        migrations.AddField(
            model_name='run',
            name='holds',
            field=models.JSONField(default=list, help_text='What guards hold back: [{unit, rule, value, digest, waits_for}].'),
        ),
        migrations.AddField(
            model_name='run',
            name='replays',
            field=models.ForeignKey(help_text='The run done again.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='larder_sync.run'),
        ),
        migrations.AddField(
            model_name='run',
            name='trigger',
            field=models.TextField(choices=[('SCHEDULE', 'Schedule'), ('WEBHOOK', 'Webhook'), ('OPERATOR', 'Operator'), ('REPLAY', 'Replay')], default='SCHEDULE'),
        ),
        migrations.AddField(
            model_name='stream',
            name='pinned_run',
            field=models.ForeignKey(help_text='The run at whose outcome the stream stays until an operator releases it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='larder_sync.run'),
        ),
        migrations.CreateModel(
            name='Payload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField(help_text="Its place among the run's answers, from 0.")),
                ('request', models.TextField(help_text='Method, path and digest of the body: what was asked.')),
                ('status', models.SmallIntegerField()),
                ('headers', models.JSONField(default=dict, help_text='Those that sources read, names in lower case.')),
                ('body', models.ForeignKey(help_text='Null: none, as in a 304.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_sync.body')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='payloads', to='larder_sync.run')),
            ],
            options={
                'db_table': 'larder_sync_payload',
                'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='larder_sync_payload_once')],
            },
        ),
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("scope", models.TextField()),
                ("rule", models.TextField(help_text="The rule that it breaks.")),
                ("value", models.TextField(help_text="The offending value, shortened.")),
                (
                    "content_hash",
                    models.UUIDField(
                        help_text="Digest of what was said; null when it could not be read.", null=True
                    ),
                ),
                ("since", models.DateTimeField(help_text="Start of the run that refused it first.")),
                ("run_id", models.BigIntegerField(help_text="The run that refused it last.")),
                (
                    "accepted_hash",
                    models.UUIDField(help_text="What an operator accepted although a guard refuses it.", null=True),
                ),
            ],
            options={
                "db_table": "larder_sync_quarantine",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "kind", "key"), name="larder_sync_quarantine_key")
                ],
            },
        ),
        migrations.AddField(
            model_name="staged",
            name="offender",
            field=models.TextField(help_text="The value that breaks the rule, shortened.", null=True),
        ),
    ]
