"""Cut part of a release into a separate database: one area, some tables, with or without an office's own
records.

All export formats are written from this database, so that they hold the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines import catalog
from pipelines.catalog import Table
from pipelines.catalog.messages import DATA_REFUSED, USAGE, Message
from pipelines.catalog.sql import literal, quote
from pipelines.catalog.vocabulary import WHOLE_LAYERS

from . import ddl
from .errors import WarehouseError
from .load import STORAGE, create_schemas, create_views

OWN = "own/"
"""Prefix of an office's own files below data/raw."""
# Tables of schema meta that count or quote rows of every table: not published beside own records.
_ABOUT_ALL_ROWS = frozenset(
    ("meta.coverage", "meta.checks", "meta.changes", "meta.change_notes", "meta.quarantine", "meta.inputs")
)
_NATION = "00"


@dataclass(frozen=True)
class Wanted:
    """The requested part.

    Attributes:
        area: area code: rows about it and everything below; empty: all. tables: full names; empty: all.
        public: without an office's own records.
    """

    area: str = ""
    tables: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True)
class Subset:
    """A database with the requested rows: its tables and views, the number of own records, the source release."""

    path: Path
    release: str
    tables: tuple[Table, ...]
    views: tuple[Table, ...]
    n_own: int


def cut(source: Path, target: Path, wanted: Wanted) -> Subset:
    """Write the requested rows of a release into a new database at `target`.

    Raises:
        WarehouseError: there is no such table or area; or own records are mixed into a table that is to be
            public.
    """
    tables, views = _chosen(wanted)
    with _both(source, target) as con:
        if wanted.area:
            _known(con, wanted.area)
        own = _own(con, tables)
        if wanted.public and own:
            _refuse_mixed(tables, own)
            tables = tuple(t for t in tables if t.full_name not in _ABOUT_ALL_ROWS)
        create_schemas(con)
        for table in tables:
            _copy(con, table, _condition(table, wanted, own))
        create_views(con, views)
        row = con.execute("select release_id from source.meta.release").fetchone()
    n_own = 0 if wanted.public else sum(own.values())
    return Subset(target, str(row[0]) if row else "", tables, views, n_own)


@contextmanager
def _both(source: Path, target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(f"attach {literal(str(source.resolve()))} as source (read_only)")
        con.execute(f"attach {literal(str(target))} as titikrawan ({STORAGE})")
        con.execute("use titikrawan")
        yield con
        con.execute("use memory")
        con.execute("detach titikrawan")


def _chosen(wanted: Wanted) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
    if not wanted.tables:
        return catalog.load(), catalog.views()
    names = dict.fromkeys(catalog.table(_full(name)).full_name for name in wanted.tables)
    views = tuple(view for view in catalog.views() if view.full_name in names)
    needed = {
        *names,
        *(name for view in views for name in view.depends_on),
        "meta.release",
        "meta.dictionary",
    }
    return tuple(table for table in catalog.load() if table.full_name in needed), views


def _full(name: str) -> str:
    return name if "." in name else f"mart.{name}"


def _known(con: duckdb.DuckDBPyConnection, area: str) -> None:
    if con.execute("select 1 from source.ref.areas where area_code = ?", [area]).fetchone() is None:
        raise WarehouseError(Message("warehouse.no_area", area=area), exit_code=USAGE)


def _there(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    query = (
        "select 1 from duckdb_tables() where database_name = 'source' and schema_name = ? and table_name = ?"
    )
    return con.execute(query, [table.layer, table.name]).fetchone() is not None


def _own(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> dict[str, int]:
    """Return table -> number of own records in the release, over all tables
    that the requested ones are built from."""
    names = catalog.needed([table.full_name for table in tables])
    found = {}
    for table in catalog.load():
        if table.full_name in names and "source_file" in table.field_names and _there(con, table):
            row = con.execute(
                f"select count(*) from source.{ddl.name_of(table)} where starts_with(source_file, {literal(OWN)})"  # noqa: S608
            ).fetchone()
            if row and row[0]:
                found[table.full_name] = int(row[0])
    found.pop("meta.inputs", None)
    found.pop("meta.quarantine", None)
    return found


def _refuse_mixed(tables: Sequence[Table], own: Collection[str]) -> None:
    """Refuse tables computed from own records, which cannot be separated from them."""
    mixed = [
        table.full_name
        for table in tables
        if (table.sql or table.derived) and catalog.needed([table.full_name]) & set(own)
    ]
    if mixed:
        listed = ", ".join(mixed[:5]) + (", …" if len(mixed) > 5 else "")
        message = Message("warehouse.own_is_mixed", tables=listed, n=len(mixed), own=", ".join(sorted(own)))
        raise WarehouseError(message, exit_code=DATA_REFUSED)


def _condition(table: Table, wanted: Wanted, own: Collection[str]) -> str:
    conditions = []
    if wanted.area and wanted.area != _NATION and table.layer not in WHOLE_LAYERS:
        code = literal(wanted.area)
        if "area_code" in table.field_names:
            conditions.append(f"starts_with({quote('area_code')}::varchar, {code})")
        elif "province_code" in table.field_names:
            conditions.append(f"{quote('province_code')}::varchar = left({code}, 2)")
        elif "incident_id" in table.field_names:
            inner = f"select incident_id from source.mart.incidents where starts_with(area_code, {code})"  # noqa: S608
            conditions.append(f"incident_id in ({inner})")
    if wanted.area == _NATION and "area_code" in table.field_names and table.layer not in WHOLE_LAYERS:
        conditions.append(f"{quote('area_code')}::varchar = {literal(_NATION)}")
    if wanted.public and table.full_name in own:
        conditions.append(f"not starts_with(source_file, {literal(OWN)})")
    return f"where {' and '.join(conditions)}" if conditions else ""


def _copy(con: duckdb.DuckDBPyConnection, table: Table, condition: str) -> None:
    # The rows were checked when the release was built, and keys that reference rows outside the part cannot be
    # enforced: types and the primary key are kept here, the rest in comments, meta.dictionary and
    # meta.relations.
    columns = ", ".join(f"{quote(f.name)} {f.sql_type}" for f in table.fields)
    key = "" if table.is_large else f", primary key ({', '.join(map(quote, table.primary_key))})"
    con.execute(f"create table {ddl.name_of(table)} ({columns}{key})")
    for statement in ddl.comments(table):
        con.execute(statement)
    if not _there(con, table):
        return
    names = ", ".join(map(quote, table.field_names))
    con.execute(
        f"insert into {ddl.name_of(table)} ({names}) select {names} from source.{ddl.name_of(table)} {condition}"  # noqa: S608
    )
