"""What suppliers told by themselves, and how jobs are picked."""

from django.db import migrations, models

from sync.picking import CREATE_FUNCTIONS, DROP_FUNCTIONS


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0006_allowance"), ("procrastinate", "0041_post_retry_failed_job")]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.TextField()),
                ('event_id', models.TextField(help_text="The supplier's id of the event, or a digest of what it sent.")),
                ('stream', models.TextField(help_text='The stream that it concerns.')),
                ('received_at', models.DateTimeField()),
                ('body', models.BinaryField(help_text='What a run has to read; null when the delivery only says: ask.', null=True)),
                ('done_at', models.DateTimeField(help_text='When a run that saw it was published.', null=True)),
            ],
            options={
                'db_table': 'larder_sync_delivery',
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['source', 'stream', 'id'], name='larder_sync_delivery_waiting')],
                'constraints': [models.UniqueConstraint(fields=('source', 'event_id'), name='larder_sync_delivery_once')],
            },
        ),
        migrations.RunSQL(CREATE_FUNCTIONS, DROP_FUNCTIONS),
    ]
