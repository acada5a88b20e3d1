"""What the CDN was told of each head."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("larder_sync", "0003_confirmation_heads")]

    operations = [
        migrations.CreateModel(
            name="Purge",
            fields=[
                ("head", models.TextField(primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
                ("again_at", models.DateTimeField(help_text="When it is told once more; null: that is done.", null=True)),
            ],
            options={"db_table": "larder_purge"},
        ),
    ]
