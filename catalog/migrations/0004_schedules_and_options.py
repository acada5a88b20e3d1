"""Hours, groups of options, and what is known of a location as a whole."""

import django.contrib.postgres.constraints
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.lookups
import django.db.models.manager
from django.db import migrations, models

from sync.operations import EVENTS, TrackHead

CREATE_SUMMARY = [
    f"CREATE TRIGGER larder_summary_{event} AFTER {event.upper()} ON larder_location {rows}"
    " FOR EACH STATEMENT EXECUTE FUNCTION larder_track_head('larder_location.summary')"
    for event, rows in EVENTS.items()
]
DROP_SUMMARY = [f"DROP TRIGGER larder_summary_{event} ON larder_location" for event in EVENTS]


class Migration(migrations.Migration):

    dependencies = [
        ('larder_catalog', '0003_offer_validity'),
        ('larder_sync', '0004_purge'),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupOption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.TextField(help_text="The supplier's key for this row.")),
                ('node_id', models.UUIDField(help_text='UUIDv5 of (source, kind, external_id): stable across re-imports.', unique=True)),
                ('scope', models.TextField(default='', help_text='The unit of absence that the row belongs to.')),
                ('version', models.TextField(help_text="The supplier's version of the row, if it has one.", null=True)),
                ('content_hash', models.UUIDField(help_text='Digest of what the supplier said: equal means nothing to write.')),
                ('deleted_at', models.DateTimeField(help_text='When the supplier stopped having it; null while it has.', null=True)),
                ('held_confirmed_at', models.DateTimeField(help_text='Set while a newer version of the row is refused: when the kept one was last confirmed.', null=True)),
                ('position', models.IntegerField()),
                ('preselected', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'larder_group_option',
                'ordering': ['position', 'id'],
                'abstract': False,
                'base_manager_name': 'every',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('every', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='ItemGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.TextField(help_text="The supplier's key for this row.")),
                ('node_id', models.UUIDField(help_text='UUIDv5 of (source, kind, external_id): stable across re-imports.', unique=True)),
                ('scope', models.TextField(default='', help_text='The unit of absence that the row belongs to.')),
                ('version', models.TextField(help_text="The supplier's version of the row, if it has one.", null=True)),
                ('content_hash', models.UUIDField(help_text='Digest of what the supplier said: equal means nothing to write.')),
                ('deleted_at', models.DateTimeField(help_text='When the supplier stopped having it; null while it has.', null=True)),
                ('held_confirmed_at', models.DateTimeField(help_text='Set while a newer version of the row is refused: when the kept one was last confirmed.', null=True)),
                ('position', models.IntegerField()),
                ('least', models.IntegerField(help_text="Null: the group's.", null=True)),
                ('most', models.IntegerField(help_text="Null: the group's, or no limit where it is overridden.", null=True)),
                ('most_overridden', models.BooleanField(default=False)),
            ],
            options={
                'db_table': 'larder_item_group',
                'ordering': ['position', 'id'],
                'abstract': False,
                'base_manager_name': 'every',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('every', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='OptionGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.TextField(help_text="The supplier's key for this row.")),
                ('node_id', models.UUIDField(help_text='UUIDv5 of (source, kind, external_id): stable across re-imports.', unique=True)),
                ('scope', models.TextField(default='', help_text='The unit of absence that the row belongs to.')),
                ('version', models.TextField(help_text="The supplier's version of the row, if it has one.", null=True)),
                ('content_hash', models.UUIDField(help_text='Digest of what the supplier said: equal means nothing to write.')),
                ('deleted_at', models.DateTimeField(help_text='When the supplier stopped having it; null while it has.', null=True)),
                ('held_confirmed_at', models.DateTimeField(help_text='Set while a newer version of the row is refused: when the kept one was last confirmed.', null=True)),
                ('name', models.TextField()),
                ('language', models.CharField(help_text='Language of the name (BCP 47).', max_length=8)),
                ('translations', models.JSONField(default=dict, help_text='{"en": {"name": "…"}}')),
                ('least', models.IntegerField(default=0)),
                ('most', models.IntegerField(help_text='Null: no limit.', null=True)),
                ('price_method', models.CharField(choices=[('SUM', 'Sum'), ('MAX', 'Max'), ('AVG', 'Avg'), ('REPLACE', 'Replace')], default='SUM', help_text="How the options' prices enter the item's.", max_length=16)),
            ],
            options={
                'db_table': 'larder_option_group',
                'ordering': ['id'],
                'abstract': False,
                'base_manager_name': 'every',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('every', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Schedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.TextField(help_text="The supplier's key for this row.")),
                ('node_id', models.UUIDField(help_text='UUIDv5 of (source, kind, external_id): stable across re-imports.', unique=True)),
                ('scope', models.TextField(default='', help_text='The unit of absence that the row belongs to.')),
                ('version', models.TextField(help_text="The supplier's version of the row, if it has one.", null=True)),
                ('content_hash', models.UUIDField(help_text='Digest of what the supplier said: equal means nothing to write.')),
                ('deleted_at', models.DateTimeField(help_text='When the supplier stopped having it; null while it has.', null=True)),
                ('held_confirmed_at', models.DateTimeField(help_text='Set while a newer version of the row is refused: when the kept one was last confirmed.', null=True)),
                ('timezone', models.TextField(help_text='IANA name that the hours are local to, e.g. Europe/Berlin.')),
                ('weekly', models.JSONField(default=list, help_text='[[day, start, end], …] with 1 = Monday: [[1, "11:00", "14:30"]].')),
                ('exceptions', models.JSONField(default=list, help_text='[[date, start, end], …] instead of the weekly hours; start and end null: closed on that date.')),
                ('first_day', models.DateField(help_text='First local date on which it holds; null: always did.', null=True)),
                ('last_day', models.DateField(help_text='Last local date on which it holds; null: open.', null=True)),
            ],
            options={
                'db_table': 'larder_schedule',
                'ordering': ['id'],
                'abstract': False,
                'base_manager_name': 'every',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('every', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='offer',
            name='larder_offer_equal_rank_overlap',
        ),
        migrations.AddField(
            model_name='location',
            name='item_count',
            field=models.IntegerField(db_default=0, help_text='Items on its menus of today and later.'),
        ),
        migrations.AddField(
            model_name='location',
            name='lowest_price',
            field=models.DecimalField(decimal_places=4, help_text='The least that one of them costs a guest.', max_digits=15, null=True),
        ),
        migrations.AddField(
            model_name='location',
            name='sold_out_count',
            field=models.IntegerField(db_default=0, help_text='Those of them that are sold out.'),
        ),
        migrations.AddField(
            model_name='groupoption',
            name='confirmation',
            field=models.ForeignKey(help_text='When the supplier last confirmed the rows of this unit of freshness.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_sync.confirmation'),
        ),
        migrations.AddField(
            model_name='groupoption',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='group_options', to='larder_catalog.item'),
        ),
        migrations.AddField(
            model_name='groupoption',
            name='source',
            field=models.ForeignKey(db_column='source', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_catalog.source'),
        ),
        migrations.AddField(
            model_name='itemgroup',
            name='confirmation',
            field=models.ForeignKey(help_text='When the supplier last confirmed the rows of this unit of freshness.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_sync.confirmation'),
        ),
        migrations.AddField(
            model_name='itemgroup',
            name='item',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='item_groups', to='larder_catalog.item'),
        ),
        migrations.AddField(
            model_name='itemgroup',
            name='source',
            field=models.ForeignKey(db_column='source', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_catalog.source'),
        ),
        migrations.AddField(
            model_name='optiongroup',
            name='confirmation',
            field=models.ForeignKey(help_text='When the supplier last confirmed the rows of this unit of freshness.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_sync.confirmation'),
        ),
        migrations.AddField(
            model_name='optiongroup',
            name='source',
            field=models.ForeignKey(db_column='source', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_catalog.source'),
        ),
        migrations.AddField(
            model_name='itemgroup',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='item_groups', to='larder_catalog.optiongroup'),
        ),
        migrations.AddField(
            model_name='groupoption',
            name='group',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='options', to='larder_catalog.optiongroup'),
        ),
        migrations.AddField(
            model_name='offer',
            name='group',
            field=models.ForeignKey(db_index=False, help_text='Null: not as an option.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='larder_catalog.optiongroup'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='confirmation',
            field=models.ForeignKey(help_text='When the supplier last confirmed the rows of this unit of freshness.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_sync.confirmation'),
        ),
        migrations.AddField(
            model_name='schedule',
            name='source',
            field=models.ForeignKey(db_column='source', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='larder_catalog.source'),
        ),
        migrations.AddField(
            model_name='location',
            name='schedule',
            field=models.ForeignKey(help_text='Opening hours; null: not told.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='larder_catalog.schedule'),
        ),
        migrations.AddField(
            model_name='menu',
            name='schedule',
            field=models.ForeignKey(help_text='When it is served; null: always.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='larder_catalog.schedule'),
        ),
        migrations.AddField(
            model_name='offer',
            name='schedule',
            field=models.ForeignKey(db_index=False, help_text='When; null: always.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='larder_catalog.schedule'),
        ),
        migrations.AddField(
            model_name='section',
            name='schedule',
            field=models.ForeignKey(help_text='When it is served; null: as its menu is.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='larder_catalog.schedule'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('group__isnull', False)), fields=['group'], name='larder_offer_group'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('schedule__isnull', False)), fields=['schedule'], name='larder_offer_schedule'),
        ),
        migrations.AddConstraint(
            model_name='location',
            constraint=models.CheckConstraint(condition=models.Q(('item_count__gte', 0), ('sold_out_count__range', (0, models.F('item_count')))), name='larder_location_counts'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('deleted_at__isnull', True)), deferrable=django.db.models.constraints.Deferrable['DEFERRED'], expressions=[('item', '='), (django.db.models.functions.comparison.Coalesce('location', 0), '='), (django.db.models.functions.comparison.Coalesce('channel', models.Value('')), '='), (django.db.models.functions.comparison.Coalesce('audience', models.Value('')), '='), (django.db.models.functions.comparison.Coalesce('group', 0), '='), (django.db.models.functions.comparison.Coalesce('schedule', 0), '='), (models.Func('valid_from', 'valid_until', function='tstzrange'), '&&')], name='larder_offer_equal_rank_overlap'),
        ),
        migrations.AddIndex(
            model_name='optiongroup',
            index=models.Index(fields=['source', 'scope'], name='larder_option_group_scope'),
        ),
        migrations.AddConstraint(
            model_name='optiongroup',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='larder_catalog_optiongroup_natural_key'),
        ),
        migrations.AddConstraint(
            model_name='optiongroup',
            constraint=models.CheckConstraint(condition=models.Q(('price_method__in', ['SUM', 'MAX', 'AVG', 'REPLACE'])), name='larder_option_group_price_method'),
        ),
        migrations.AddConstraint(
            model_name='optiongroup',
            constraint=models.CheckConstraint(condition=models.Q(('least__gte', 0)), name='larder_option_group_least'),
        ),
        migrations.AddConstraint(
            model_name='optiongroup',
            constraint=models.CheckConstraint(condition=models.Q(('most__isnull', True), ('most__gte', models.F('least')), _connector='OR'), name='larder_option_group_most'),
        ),
        migrations.AddIndex(
            model_name='itemgroup',
            index=models.Index(fields=['item', 'position', 'id'], name='larder_item_group_by_item'),
        ),
        migrations.AddIndex(
            model_name='itemgroup',
            index=models.Index(fields=['source', 'scope'], name='larder_item_group_scope'),
        ),
        migrations.AddConstraint(
            model_name='itemgroup',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='larder_catalog_itemgroup_natural_key'),
        ),
        migrations.AddConstraint(
            model_name='itemgroup',
            constraint=models.CheckConstraint(condition=models.Q(('least__isnull', True), ('least__gte', 0), _connector='OR'), name='larder_item_group_least'),
        ),
        migrations.AddConstraint(
            model_name='itemgroup',
            constraint=models.CheckConstraint(condition=models.Q(('most__isnull', True), models.Q(('most__gte', 0), models.Q(('least__isnull', True), ('most__gte', models.F('least')), _connector='OR')), _connector='OR'), name='larder_item_group_most'),
        ),
        migrations.AddConstraint(
            model_name='itemgroup',
            constraint=models.CheckConstraint(condition=models.Q(('most__isnull', True), ('most_overridden', True), _connector='OR'), name='larder_item_group_overridden'),
        ),
        migrations.AddConstraint(
            model_name='itemgroup',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('item', 'group'), name='larder_item_group_once'),
        ),
        migrations.AddIndex(
            model_name='groupoption',
            index=models.Index(fields=['group', 'position', 'id'], name='larder_group_option_by_group'),
        ),
        migrations.AddIndex(
            model_name='groupoption',
            index=models.Index(fields=['source', 'scope'], name='larder_group_option_scope'),
        ),
        migrations.AddConstraint(
            model_name='groupoption',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='larder_catalog_groupoption_natural_key'),
        ),
        migrations.AddConstraint(
            model_name='groupoption',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True)), fields=('group', 'item'), name='larder_group_option_once'),
        ),
        migrations.AddIndex(
            model_name='schedule',
            index=models.Index(fields=['source', 'scope'], name='larder_schedule_scope'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='larder_catalog_schedule_natural_key'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('timezone', ''), _negated=True), name='larder_schedule_timezone'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func('weekly', function='jsonb_typeof', output_field=models.TextField()), models.Value('array')), name='larder_schedule_weekly'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func('exceptions', function='jsonb_typeof', output_field=models.TextField()), models.Value('array')), name='larder_schedule_exceptions'),
        ),
        migrations.AddConstraint(
            model_name='schedule',
            constraint=models.CheckConstraint(condition=models.Q(('first_day__isnull', True), ('last_day__isnull', True), ('first_day__lte', models.F('last_day')), _connector='OR'), name='larder_schedule_days'),
        ),
        TrackHead('larder_schedule'),
        TrackHead('larder_option_group'),
        TrackHead('larder_group_option'),
        TrackHead('larder_item_group'),
        *map(migrations.RunSQL, CREATE_SUMMARY, DROP_SUMMARY),
    ]
