"""Create a new warehouse file and fill its tables; publishing is done elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from pipelines.catalog import Table
from pipelines.catalog.sql import ANY_ORDER, IN_ORDER, file_list, literal, quote

from ..catalog.messages import Message
from ..catalog.vocabulary import LAYERS
from . import ddl
from .errors import WarehouseError

# Clients from DuckDB 1.1 on can read this format; DuckDB writes its newest by default. v1.0.0 keeps 3 KB of
# distinct counts per column in an older layout, and converting them takes almost half of the time needed to
# open the file. Most columns are small: blocks of 64 KiB instead of 256 make the file little more than half as
# large.
STORAGE = "storage_version 'v1.1.0', block_size 65536"
OLD_BLOCKS = "storage_version 'v1.1.0'"  # an existing file keeps the block size it was created with
CATALOG = "titikrawan"

# What holds missing values without turning numbers into floats and truth values into objects.
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}

_IN_ONE: set[int] = set()  # ids of connections whose work is one transaction


@contextmanager
def writing(path: Path, *, in_one: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection that writes the warehouse file at `path`, in the old storage format.

    `in_one`: write everything at the end, in one transaction; faster for many small tables.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect()
    try:
        # Data that does not fit in memory spills to disk beside the file; TITIKRAWAN_MEMORY_LIMIT, e.g. 4GB,
        # sets the limit.
        con.execute(f"set temp_directory = {literal(str(path.parent / '.spill'))}")
        if limit := os.environ.get("TITIKRAWAN_MEMORY_LIMIT"):
            con.execute(f"set memory_limit = {literal(limit)}")
        where = literal(str(path))
        con.execute(f"attach {where} as {CATALOG} ({OLD_BLOCKS if path.exists() else STORAGE})")
        con.execute(f"use {CATALOG}")
        if in_one:
            con.execute("set threads = 1")  # of many small tables, other threads only wait for each other
            with _at_once(con):
                _IN_ONE.add(id(con))
                yield con
        else:
            yield con
        con.execute("use memory")
        con.execute(f"detach {CATALOG}")
    finally:
        _IN_ONE.discard(id(con))
        con.close()


def create_schemas(con: duckdb.DuckDBPyConnection) -> None:
    """Create the four layers of the warehouse."""
    for layer in LAYERS:
        con.execute(f"create schema if not exists {quote(layer)}")


def create_table(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create or replace one table, with keys, checks and comments."""
    with _at_once(con):
        _create(con, table)


@contextmanager
def _at_once(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run all statements in one transaction, which waits for the disk once instead of after each statement."""
    if id(con) in _IN_ONE:
        yield
        return
    con.execute("begin transaction")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _create(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    types = _types(con) if "tps_id" in table.field_names else None
    con.execute(f"drop table if exists {ddl.name_of(table)}")
    con.execute("; ".join([ddl.create_table(table, types), *ddl.comments(table)]))


def create_type(con: duckdb.DuckDBPyConnection, column: str, values: Iterable[str]) -> None:
    """Define an enumeration: columns of this name in tables by polling station hold one of `values`, in text
    order.

    A column with few distinct texts then takes one byte per row and a tenth of the time; it reads as text.
    """
    listed = ", ".join(map(literal, sorted(set(values))))
    con.execute(f"create type core.{quote(column)} as enum ({listed})")


def _types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = con.execute(
        "select type_name from duckdb_types() where schema_name = 'core' and database_name = current_database()"
    ).fetchall()
    return {name: f"core.{quote(name)}" for (name,) in found}


def exists(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Return whether the warehouse being built has the table."""
    found = con.execute(
        "select 1 from duckdb_tables() where database_name = ? and schema_name = ? and table_name = ?",
        [CATALOG, table.layer, table.name],
    ).fetchone()
    return found is not None


def count(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Return the number of rows of a table."""
    found = con.execute(f"select count(*) from {ddl.name_of(table)}").fetchone()  # noqa: S608 (declared name)
    return int(found[0]) if found else 0


def _insert(con: duckdb.DuckDBPyConnection, table: Table, relation: str) -> int:
    columns = ", ".join(quote(f.name) for f in table.fields)
    # Large tables are stored unordered; sorting them would cost more than writing them.
    order = "" if table.is_large else f"order by {', '.join(map(quote, table.primary_key))}"
    # Text is cast to the type of the column on insert.
    casts = ", ".join(
        quote(f.name) if table.is_large and f.type == "string" else f"cast({quote(f.name)} as {f.sql_type})"
        for f in table.fields
    )
    statement = f"insert into {ddl.name_of(table)} ({columns}) select {casts} from {relation} {order}"  # noqa: S608 (declared names)
    try:
        con.execute(ANY_ORDER if table.is_large else IN_ORDER)
        con.execute(statement)
        con.execute(IN_ORDER)
    except duckdb.Error as error:
        raise WarehouseError(
            Message("warehouse.table_refused", table=table.full_name, error=error)
        ) from error
    return count(con, table)


def fill_from_parquet(con: duckdb.DuckDBPyConnection, table: Table, path: Path) -> int:
    """Create a table and fill it from a Parquet file; returns its number of rows."""
    with _at_once(con):
        _create(con, table)
        return _insert(con, table, f"read_parquet({file_list([path])})")


def fill_from_frame(con: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame) -> int:
    """Create a table and fill it from a frame that has its columns (an empty one needs none); returns its rows."""
    if frame.empty:
        create_table(con, table)
        return 0
    missing = [name for name in table.field_names if name not in frame.columns]
    if missing:
        raise WarehouseError(
            Message("warehouse.columns_missing", table=table.full_name, names=", ".join(missing))
        )
    # Through Arrow: DuckDB reads it whatever the strides and dtypes of the frame.
    con.register("incoming_frame", pa.Table.from_pandas(frame[table.field_names], preserve_index=False))
    try:
        with _at_once(con):
            _create(con, table)
            return _insert(con, table, "incoming_frame")
    finally:
        con.unregister("incoming_frame")


def fill_from_sql(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Create a mart and fill it from its declared SELECT; returns its number of rows."""
    return fill_from_select(con, table, table.sql)


def fill_from_select(con: duckdb.DuckDBPyConnection, table: Table, select: str) -> int:
    """Create a table and fill it from a SELECT; returns its number of rows."""
    with _at_once(con):
        _create(con, table)
        return _insert(con, table, f"({select.rstrip().rstrip(';')})")


def read_table(con: duckdb.DuckDBPyConnection, full_name: str) -> pd.DataFrame:
    """Return a whole table as a frame, in key order as stored."""
    layer, name = full_name.split(".")
    return _frame(con.execute(f"from {quote(layer)}.{quote(name)}").to_arrow_table())


def _frame(found: pa.Table) -> pd.DataFrame:
    """Return a result as a frame, with the types of DuckDB's own `df()` at half its cost: texts stay in Arrow."""
    for place, field in enumerate(found.schema):
        plain = pa.timestamp("us") if pa.types.is_date(field.type) else field.type
        if pa.types.is_dictionary(field.type):  # an enumeration
            plain = pa.string()
        if plain != field.type:
            found = found.set_column(place, field.name, found.column(place).cast(plain))
    frame: pd.DataFrame = found.to_pandas()
    for name, column in zip(found.column_names, found.columns, strict=True):
        if column.null_count and (nullable := _NULLABLE.get(column.type)):
            frame[name] = column.to_pandas(types_mapper={column.type: nullable}.get)
    return frame


def create_former_names(con: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Create views under the former names of renamed tables; their comments give the new name."""
    for table in tables:
        for name in table.formerly:
            view = ".".join(map(quote, name.split(".")))
            con.execute(f"create or replace view {view} as from {ddl.name_of(table)}")
            about = f"Kini {table.full_name}; nama ini hilang pada rilis berikutnya | Now {table.full_name}"
            con.execute(f"comment on view {view} is {literal(about)}")


def create_views(con: duckdb.DuckDBPyConnection, views: Iterable[Table]) -> None:
    """Create each view whose tables exist, with its comments; old clients read it like a table."""
    there = {
        f"{schema}.{name}"
        for schema, name in con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    }
    with _at_once(con):
        for view in views:
            if set(view.depends_on) <= there:
                con.execute(f"create or replace view {ddl.name_of(view)} as {view.sql}")
                con.execute("; ".join(ddl.comments(view)))
