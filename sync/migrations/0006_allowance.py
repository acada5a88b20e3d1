"""What may be asked of a supplier."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0005_payloads")]

    operations = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.TextField()),
                ('bucket', models.TextField(default='', help_text='Empty: every request. Else those that its rule names.')),
                ('tokens', models.FloatField(help_text='Requests that may be sent at once, as of filled_at.')),
                ('filled_at', models.DateTimeField()),
                ('failures', models.IntegerField(default=0, help_text='In a row.')),
                ('closed_until', models.DateTimeField(help_text='Nothing is asked before: a Retry-After, or the breaker.', null=True)),
            ],
            options={
                'db_table': 'larder_sync_allowance',
                'constraints': [models.UniqueConstraint(fields=('source', 'bucket'), name='larder_sync_allowance_key')],
            },
        ),
    ]
