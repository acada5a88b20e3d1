from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('larder_persisted_queries', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='budget',
            field=models.JSONField(help_text='Limits of its own, by name; null: as the settings say.', null=True),
        ),
    ]
