"""The ledger learns counties, its activities what a class needs; kept tallies, locks and opening balances get a place.

The columns of the ledger are added where they are, whatever its size: SQLite would otherwise write the table anew and
forget its triggers. They are replaced here, so that they guard the new columns too.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

append_only = import_module("lms.migrations.0002_append_only_ledger")
WRITTEN_ONCE = ["lms_periodlock", "lms_openingbalance"]


class AddColumn(migrations.AddField):
    """ALTER TABLE ADD COLUMN with its default, on SQLite too."""

    def database_forwards(self, app_label, editor, from_state, to_state):
        if editor.connection.vendor != "sqlite":
            return super().database_forwards(app_label, editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        default = field.db_default.value if hasattr(field.db_default, "value") else field.db_default
        kind = field.db_parameters(editor.connection)
        check = f" CHECK ({kind['check']})" if kind["check"] else ""
        editor.execute(
            f'ALTER TABLE {model._meta.db_table} ADD COLUMN "{field.column}" {kind["type"]} '
            f"DEFAULT {default!r} NOT NULL{check}"
        )


def fixed(apps):
    fields = apps.get_model("lms", "Participation")._meta.local_fields
    columns = ", ".join(f'"{field.column}"' for field in fields if field.column != "batch_id")
    return append_only.SQLITE[0].format(columns=columns)


def guard(apps, editor):
    if editor.connection.vendor == "sqlite":
        return append_only.run(editor, [
            "DROP TRIGGER lms_participation_fixed",
            fixed(apps),
            *[f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} {append_only.REFUSE}" for table in WRITTEN_ONCE],
            *[f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {append_only.REFUSE}" for table in WRITTEN_ONCE],
        ])
    append_only.run(editor, [
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION lms_append_only()"
        for table in WRITTEN_ONCE
    ])


def unguard(apps, editor):
    kinds = ["fixed", "kept"] if editor.connection.vendor == "sqlite" else ["kept"]
    on = "" if editor.connection.vendor == "sqlite" else " ON {0}"
    dropped = [f"DROP TRIGGER {table}_{kind}{on.format(table)}" for table in WRITTEN_ONCE for kind in kinds]
    append_only.run(editor, dropped)
    if editor.connection.vendor == "sqlite":
        append_only.run(editor, ["DROP TRIGGER lms_participation_fixed"])


def guard_as_before(apps, editor):
    if editor.connection.vendor == "sqlite":
        append_only.run(editor, [fixed(apps)])



class Migration(migrations.Migration):

    dependencies = [
        ('lms', '0009_members_and_rosters'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(max_length=7)),
                ('city', models.CharField(blank=True, max_length=8)),
                ('attendances', models.IntegerField()),
            ],
            options={
                'verbose_name': 'kept session',
                'verbose_name_plural': 'kept sessions',
            },
        ),
        migrations.CreateModel(
            name='KeptTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sessions', models.IntegerField(default=0)),
                ('attendances', models.IntegerField(default=0)),
                ('persons', models.IntegerField(default=0)),
                ('enterprise_attendances', models.IntegerField(default=0)),
                ('enterprises', models.IntegerField(default=0)),
                ('minutes', models.DecimalField(decimal_places=1, default=0, max_digits=14)),
                ('graduates', models.IntegerField(default=0)),
                ('period', models.CharField(max_length=7)),
                ('city', models.CharField(blank=True, max_length=8)),
            ],
            options={
                'verbose_name': 'kept tally',
                'verbose_name_plural': 'kept tallies',
            },
        ),
        migrations.CreateModel(
            name='OpeningBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sessions', models.IntegerField(default=0)),
                ('attendances', models.IntegerField(default=0)),
                ('persons', models.IntegerField(default=0)),
                ('enterprise_attendances', models.IntegerField(default=0)),
                ('enterprises', models.IntegerField(default=0)),
                ('minutes', models.DecimalField(decimal_places=1, default=0, max_digits=14)),
                ('graduates', models.IntegerField(default=0)),
                ('key', models.CharField(max_length=80, unique=True)),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('since', models.DateField(verbose_name='from')),
                ('until', models.DateField(verbose_name='to')),
                ('city_code', models.CharField(blank=True, max_length=8, verbose_name='city')),
                ('source', models.CharField(max_length=200, verbose_name='source')),
                ('approver', models.CharField(max_length=80, verbose_name='approved by')),
                ('author', models.UUIDField()),
                ('signed_at', models.DateTimeField(verbose_name='signed at')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'opening balance',
                'verbose_name_plural': 'opening balances',
                'ordering': ['since', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PeriodLock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(max_length=7, verbose_name='period')),
                ('locked', models.BooleanField(verbose_name='locked')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('author', models.UUIDField()),
                ('at', models.DateTimeField(verbose_name='at')),
            ],
            options={
                'verbose_name': 'lock of a period',
                'verbose_name_plural': 'locks of periods',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='UncountedFact',
            fields=[
                ('participation', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'uncounted fact',
                'verbose_name_plural': 'uncounted facts',
            },
        ),
        migrations.AddField(
            model_name='activity',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='activity',
            name='description',
            field=models.TextField(blank=True, db_default='', verbose_name='description'),
        ),
        migrations.AddField(
            model_name='activity',
            name='place',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='place'),
        ),
        migrations.AddField(
            model_name='activity',
            name='planned_sessions',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name='planned sessions'),
        ),
        migrations.AddField(
            model_name='activity',
            name='quota',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='quota'),
        ),
        migrations.AddField(
            model_name='activity',
            name='status',
            field=models.CharField(choices=[('planned', 'Planned'), ('held', 'Held'), ('cancelled', 'Cancelled')], db_default='held', default='held', max_length=10, verbose_name='status'),
        ),
        migrations.AddField(
            model_name='activity',
            name='track',
            field=models.CharField(blank=True, db_default='', max_length=8, verbose_name='track'),
        ),
        migrations.RunPython(migrations.RunPython.noop, guard_as_before),
        AddColumn(
            model_name='participation',
            name='county_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=8),
        ),
        AddColumn(
            model_name='participation',
            name='county_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        AddColumn(
            model_name='participation',
            name='format',
            field=models.PositiveSmallIntegerField(db_default=1, default=2, editable=False),
        ),
        migrations.AddIndex(
            model_name='participation',
            index=models.Index(fields=['enterprise_uscc', 'occurred_at'], name='participation_firm_when'),
        ),
        migrations.AddField(
            model_name='keptsession',
            name='activity',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lms.activity'),
        ),
        migrations.AddConstraint(
            model_name='kepttally',
            constraint=models.UniqueConstraint(fields=('period', 'city'), name='kept_tally_cell'),
        ),
        migrations.AddField(
            model_name='openingbalance',
            name='withdraws',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawn_by', to='lms.openingbalance'),
        ),
        migrations.AddConstraint(
            model_name='keptsession',
            constraint=models.UniqueConstraint(fields=('period', 'activity', 'city'), name='kept_session_cell'),
        ),
        migrations.RunPython(guard, unguard),
    ]
