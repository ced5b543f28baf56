"""Operations for tables of millions of rows. (Its name keeps it out of the migrations themselves.)"""

from django.db import migrations


class AddIndex(migrations.AddIndex):
    """AddIndex that lets others write meanwhile on PostgreSQL; its migration says `atomic = False`.

    What a build that was cut short left behind is an index that nobody uses: it goes first.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        return schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            return super().database_backwards(app_label, schema_editor, from_state, to_state)
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        return schema_editor.remove_index(model, self.index, concurrently=True)


class AddColumn(migrations.AddField):
    """AddField for a column with a constant default: at once, whatever the table holds.

    PostgreSQL does that anyway. On SQLite Django builds the table anew for every such column, all its indexes included,
    while SQLite itself only notes the column and gives old rows the default when they are read.
    """

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "sqlite":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        return schema_editor.execute(self._statement(schema_editor, model))

    def _statement(self, editor, model):
        field = model._meta.get_field(self.name)
        definition, values = editor.column_sql(model, field, include_default=True)
        if values or " DEFAULT " not in definition:
            raise ValueError(f"{model.__name__}.{self.name} has no constant default")
        check = field.db_parameters(editor.connection)["check"]
        table, column = editor.quote_name(model._meta.db_table), editor.quote_name(field.column)
        return f"ALTER TABLE {table} ADD COLUMN {column} {definition}" + (f" CHECK ({check})" if check else "")
