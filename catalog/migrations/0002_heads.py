"""The heads of the catalog's tables."""

from django.db import migrations

from sync.operations import TrackHead


class Migration(migrations.Migration):
    dependencies = [("larder_catalog", "0001_initial")]

    operations = [
        TrackHead("larder_source"),
        TrackHead("larder_location"),
        TrackHead("larder_menu"),
        TrackHead("larder_section"),
        TrackHead("larder_item"),
        TrackHead("larder_placement"),
        TrackHead("larder_offer"),
        TrackHead("larder_price_change"),
        TrackHead("larder_availability"),
    ]
