"""Indexes by which the next offer to begin or end is found at one look."""

from django.db import migrations, models

LIVE = models.Q(deleted_at__isnull=True)


class Migration(migrations.Migration):
    dependencies = [("larder_catalog", "0002_heads")]

    operations = [
        migrations.AddIndex(
            "offer",
            models.Index(
                fields=["valid_from"], condition=LIVE & models.Q(valid_from__isnull=False), name="larder_offer_begins"
            ),
        ),
        migrations.AddIndex(
            "offer",
            models.Index(
                fields=["valid_until"], condition=LIVE & models.Q(valid_until__isnull=False), name="larder_offer_ends"
            ),
        ),
    ]
