"""The tables as declared are those that the migrations make."""

from ledger.tables import metadata
from tests.ledger.conftest import Ledger


async def test_every_declared_table_is_the_migrated_one(unkeyed: Ledger) -> None:
    for table in metadata.sorted_tables:
        columns = await unkeyed.superuser.fetch(
            "select column_name, is_nullable = 'YES' as nullable from information_schema.columns"
            " where table_name = $1 order by ordinal_position",
            table.name,
        )
        declared = [(column.name, column.nullable) for column in table.columns]
        assert [(row["column_name"], row["nullable"]) for row in columns] == declared
        keys = await unkeyed.superuser.fetch(
            "select a.attname from pg_index i join pg_attribute a"
            " on a.attrelid = i.indrelid and a.attnum = any(i.indkey)"
            " where i.indrelid = $1::text::regclass and i.indisprimary",
            table.name,
        )
        assert {row["attname"] for row in keys} == {c.name for c in table.primary_key.columns}
