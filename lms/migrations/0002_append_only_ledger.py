"""The database itself refuses to change what the ledger says. A row may only be given its batch, once.

SQLite forgets triggers when a later migration rebuilds the table: such a migration repeats this operation
(tests/lms/test_tally_append_only.py says so when it does not).
"""

from django.db import migrations

TABLES = ["lms_participation", "lms_ledgerbatch"]
REFUSE = "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
SQLITE = [
    f"CREATE TRIGGER lms_participation_fixed BEFORE UPDATE OF {{columns}} ON lms_participation {REFUSE}",
    "CREATE TRIGGER lms_participation_sealed BEFORE UPDATE OF batch_id ON lms_participation "
    f"WHEN OLD.batch_id IS NOT NULL {REFUSE}",
    f"CREATE TRIGGER lms_participation_kept BEFORE DELETE ON lms_participation {REFUSE}",
    f"CREATE TRIGGER lms_ledgerbatch_fixed BEFORE UPDATE ON lms_ledgerbatch {REFUSE}",
    f"CREATE TRIGGER lms_ledgerbatch_kept BEFORE DELETE ON lms_ledgerbatch {REFUSE}",
]
SQLITE_UNDO = [f"DROP TRIGGER {statement.split()[2]}" for statement in SQLITE]

POSTGRESQL = [
    """
    CREATE FUNCTION lms_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'lms_participation' AND TG_OP = 'UPDATE' THEN
            IF to_jsonb(OLD)->'batch_id' = 'null' AND to_jsonb(NEW) - 'batch_id' = to_jsonb(OLD) - 'batch_id' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *[
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION lms_append_only()"
        for table in TABLES
    ],
]
POSTGRESQL_UNDO = [*[f"DROP TRIGGER {table}_kept ON {table}" for table in TABLES], "DROP FUNCTION lms_append_only()"]


def run(editor, statements):
    with editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def guard(apps, editor):
    if editor.connection.vendor == "postgresql":
        return run(editor, POSTGRESQL)
    fields = apps.get_model("lms", "Participation")._meta.local_fields
    columns = ", ".join(f'"{field.column}"' for field in fields if field.column != "batch_id")
    return run(editor, [statement.format(columns=columns) for statement in SQLITE])


def unguard(apps, editor):
    run(editor, POSTGRESQL_UNDO if editor.connection.vendor == "postgresql" else SQLITE_UNDO)


class Migration(migrations.Migration):
    dependencies = [("lms", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
