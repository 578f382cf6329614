"""Compare two releases: rows added, removed and changed, per table, election and province.

Rows are identified by the declared key. The line number in the raw file is not content: a row that only moved
within its file is unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.catalog import Table
from pipelines.catalog.sql import literal, quote

from .equal import same_rows

BEFORE, AFTER = "before_release", "after_release"
# Placeholder where a table has no such column.
NONE = "-"
# Tables that name the release, describe changes, or describe columns.
NOT_COMPARED = frozenset(
    {
        *("meta.release", "meta.changes", "meta.change_notes", "meta.dictionary"),
        *("meta.code_values", "meta.relations", "meta.lineage", "meta.coverage"),
    }
)
_NO_CONTENT = frozenset({"source_row"})


@dataclass(frozen=True)
class Group:
    """Rows of one election and province of a table; `-` where the table has no such column."""

    election_id: str
    province_code: str
    n_added: int
    n_removed: int
    n_changed: int


@dataclass(frozen=True)
class TableChange:
    """One table in two releases; `n_before` or `n_after` is None where the table does not exist.

    There are no groups if the key columns differ, since rows cannot be identified then.
    """

    table: str
    n_before: int | None
    n_after: int | None
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def is_changed(self) -> bool:
        shape = self.columns_added or self.columns_removed or None in (self.n_before, self.n_after)
        return bool(shape or self.groups or self.n_before != self.n_after)

    def total(self, name: str) -> int:
        """Return the sum of `n_added`, `n_removed` or `n_changed` over the groups."""
        return sum(getattr(group, name) for group in self.groups)


@contextmanager
def side_by_side(before: Path, after: Path, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection to both releases, as catalogs BEFORE and AFTER; overflowing memory spills to `spill`."""
    with duckdb.connect() as con:
        con.execute(f"set temp_directory = {literal(str(spill))}")
        for name, path in ((BEFORE, before), (AFTER, after)):
            con.execute(f"attach {literal(str(path.resolve()))} as {name} (read_only)")
        yield con


def compare(
    con: duckdb.DuckDBPyConnection, tables: Iterable[Table], same: Collection[str] = ()
) -> list[TableChange]:
    """Return every declared table that differs, in the given order; tables no longer declared come last.

    Args:
        con: from `side_by_side`. tables: as declared now. same: tables that are known to be equal.
    """
    before, after = _columns(con, BEFORE), _columns(con, AFTER)
    found, declared = [], {table.full_name: table for table in tables}
    for name in (*declared, *sorted((before.keys() | after.keys()) - declared.keys())):
        if name in NOT_COMPARED or name in same or not (name in before or name in after):
            continue
        change = _compare(con, name, declared.get(name), before.get(name), after.get(name))
        found += [change] if change.is_changed else []
    return found


def _columns(con: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """Return table -> column -> type, of one release."""
    rows = con.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_index),"
        " list(data_type order by column_index) from duckdb_columns()"
        " where database_name = ? and not internal and (schema_name, table_name) not in"
        " (select (schema_name, view_name) from duckdb_views() where database_name = ?) group by all",
        [catalog, catalog],
    ).fetchall()
    return {name: dict(zip(columns, types, strict=True)) for name, columns, types in rows}


def has(con: duckdb.DuckDBPyConnection, name: str, *columns: str) -> bool:
    """Return whether both releases have a table with these columns."""
    found = con.execute(
        "select database_name, column_name from duckdb_columns() where schema_name || '.' || table_name = ?",
        [name],
    ).fetchall()
    return {*found} >= {(side, column) for side in (BEFORE, AFTER) for column in columns}


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"select count(*) from {name}").fetchone()  # noqa: S608 (quoted name)
    return int(row[0]) if row else 0


def _compare(
    con: duckdb.DuckDBPyConnection,
    full_name: str,
    table: Table | None,
    before: Mapping[str, str] | None,
    after: Mapping[str, str] | None,
) -> TableChange:
    layer, _, name = full_name.partition(".")
    old, new = (f"{side}.{quote(layer)}.{quote(name)}" for side in (BEFORE, AFTER))
    n_before = None if before is None else _count(con, old)
    n_after = None if after is None else _count(con, new)
    if before is None or after is None:
        return TableChange(full_name, n_before, n_after)
    both = [column for column in after if column in before]
    added = tuple(column for column in after if column not in before)
    removed = tuple(column for column in before if column not in after)
    key = list(table.primary_key) if table else []
    groups: tuple[Group, ...] = ()
    if (n_before or n_after) and key and {*key} <= {*both}:
        # Most tables are equal, and to see that takes a fraction of the time that `_groups` needs.
        content = [column for column in both if column not in _NO_CONTENT]
        is_in_order = not (table is None or table.is_large) and n_before == n_after
        is_in_order = is_in_order and all(before[column] == after[column] for column in both)
        if not (is_in_order and same_rows(con, old, new, content)):
            groups = _groups(con, old, new, both, key, is_in_order)
    return TableChange(full_name, n_before, n_after, added, removed, groups)


def _groups(
    con: duckdb.DuckDBPyConnection, old: str, new: str, columns: list[str], key: list[str], is_in_order: bool
) -> tuple[Group, ...]:
    """Return the rows that differ; `is_in_order`: `same_rows` has shown that some do."""
    content = [column for column in columns if column not in key and column not in _NO_CONTENT]

    def digest(names: list[str]) -> str:
        return f"hash({', '.join(f'{quote(name)}::varchar' for name in names)})" if names else "0"

    election = f"{quote('election_id')}::varchar" if "election_id" in columns else "null"
    province = "null"
    if "province_code" in columns:
        province = f"{quote('province_code')}::varchar"
    elif "area_code" in columns:
        province = f"left({quote('area_code')}::varchar, 2)"
    select = (
        f"select {digest(key)} as row_key, {digest(content)} as content,"  # noqa: S608 (quoted names)
        f" coalesce({election}, '{NONE}') as election_id, coalesce({province}, '{NONE}') as province_code from "
    )
    same = "select count(*), sum(row_key::hugeint), sum(hash(row_key, content)::hugeint) from "
    if not is_in_order and (
        con.execute(f"{same} ({select} {old})").fetchall()
        == con.execute(f"{same} ({select} {new})").fetchall()
    ):
        return ()
    rows = con.execute(
        f"""
        with old as ({select} {old}),
        new as ({select} {new}),
        pairs as (
            select
                coalesce(new.election_id, old.election_id) as election_id,
                coalesce(new.province_code, old.province_code) as province_code,
                old.row_key is null as is_added,
                new.row_key is null as is_removed,
                coalesce(old.content <> new.content, false) as is_changed
            from old full join new on old.row_key = new.row_key
        )
        select election_id, province_code, count_if(is_added), count_if(is_removed), count_if(is_changed)
        from pairs
        group by all
        having count_if(is_added or is_removed or is_changed) > 0
        order by all
        """  # noqa: S608 (quoted names)
    ).fetchall()
    return tuple(Group(*row) for row in rows)
