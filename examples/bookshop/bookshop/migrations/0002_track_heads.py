from django.db import migrations

from larder.sync import TrackHead


class Migration(migrations.Migration):
    dependencies = [
        ("larder_sync", "0002_store"),
        ("bookshop", "0001_initial"),
    ]

    operations = [
        TrackHead("bookshop_author"),
        TrackHead("bookshop_book"),
        TrackHead("bookshop_book_authors"),
        TrackHead("bookshop_stock"),
    ]
