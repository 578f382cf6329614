"""Insert checked result forms into core.tps, core.result, core.upload and core.vote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from pipelines.catalog import Table
from pipelines.catalog.forms import PROVENANCE, form_tables, vote_table
from pipelines.catalog.sql import ANY_ORDER, IN_ORDER, quote

from ..warehouse import ddl, load

# How the stations of new forms relate to those already loaded: none is loaded; some may be, for other contests;
# some may be for the same contest, in which case `remove_forms` decides at the end which ones stay.
NEW, SOME, AGAIN = "new", "some", "again"
_OF_CHOICE = ("kind", "option_id", "party_id", "votes")


def create_form_tables(con: duckdb.DuckDBPyConnection, known: Mapping[str, Iterable[str]]) -> None:
    """Create the four tables, empty.

    Args:
        known: column -> all values that forms can have in it, where these are known.
    """
    coded = {
        f.name: f.constraints["enum"]
        for table in (*form_tables(), vote_table())
        for f in table.fields
        if "enum" in f.constraints
    }
    # Any two digits, as the pattern of the column allows.
    for column, values in {**coded, "province_code": [f"{n:02d}" for n in range(100)], **known}.items():
        if listed := list(values):  # an enumeration cannot be empty: without forms, the column stays text
            load.create_type(con, column, listed)
    for table in (*form_tables(), vote_table()):
        load.create_table(con, table)


def add_forms(con: duckdb.DuckDBPyConnection, relation: str, stations: str) -> int:
    """Append checked forms; returns the number of rows.

    Args:
        relation: SQL of forms as `check.validate_forms` leaves them: the columns of the tables,
            `form_no`, and `votes` (list of choices).
        stations: NEW, SOME or AGAIN. A station with several contests is one row of core.tps, taken from its
            first form.
    """
    tps, result, upload = form_tables()
    rows = _insert(con, tps, f"select {_columns(tps)} from {relation} f {_first(tps, stations)}")  # noqa: S608
    rows += _insert(con, result, f"select {_columns(result)} from {relation}")  # noqa: S608
    # A source without upload data leaves no empty rows.
    about = [
        f.name for f in upload.fields if f.name not in (*upload.primary_key, "province_code", *PROVENANCE)
    ]
    said = " or ".join(f"{quote(c)} is not null" for c in about)
    rows += _insert(con, upload, f"select {_columns(upload)} from {relation} where {said}")  # noqa: S608
    vote = vote_table()
    columns = ", ".join(f"v.{quote(c)}" if c in _OF_CHOICE else quote(c) for c in vote.field_names)
    of_form = ", ".join(quote(c) for c in vote.field_names if c not in _OF_CHOICE)
    rows += _insert(
        con,
        vote,
        f"select {columns} from (select {of_form}, unnest(votes) as v from {relation} where votes is not null)",  # noqa: S608
    )
    return rows


def _first(tps: Table, stations: str) -> str:
    if stations != SOME:
        return ""
    key = ", ".join(map(quote, tps.primary_key))
    same = " and ".join(f"t.{quote(c)} = f.{quote(c)}" for c in tps.primary_key)
    return (
        f"where not exists (select 1 from {ddl.name_of(tps)} t where {same}) "  # noqa: S608 (declared names)
        f"qualify row_number() over (partition by {key} order by form_no) = 1"
    )


def _columns(table: Table) -> str:
    return ", ".join(map(quote, table.field_names))


def _insert(con: duckdb.DuckDBPyConnection, table: Table, select: str) -> int:
    # Rows of large tables are stored unordered; readers that need an order sort, as the Parquet export does.
    con.execute(ANY_ORDER)
    found = con.execute(f"insert into {ddl.name_of(table)} ({_columns(table)}) {select}").fetchone()
    con.execute(IN_ORDER)
    return int(found[0]) if found else 0


def remove_forms(con: duckdb.DuckDBPyConnection) -> None:
    """Remove the forms of table `superseded` (key, source_file, source_row), and duplicate stations."""
    tps, result, upload = form_tables()
    same = ("election_id", "tps_id", *PROVENANCE)
    con.execute(f"""
        delete from {ddl.name_of(tps)} where rowid in (
            select t.rowid from {ddl.name_of(tps)} t
            left join (select distinct {", ".join(same)}, true as is_gone from superseded) using ({", ".join(same)})
            qualify row_number() over (
                partition by election_id, tps_id order by coalesce(is_gone, false), t.source_file, t.source_row
            ) > 1
        )
    """)  # noqa: S608 (declared names)
    gone = " and ".join(f"s.{c} = f.{c}" for c in (*same, "contest"))
    chosen = f"exists (select 1 from superseded s where {gone})"  # noqa: S608 (declared names)
    for table in (result, upload, vote_table()):
        con.execute(f"delete from {ddl.name_of(table)} f where {chosen}")  # noqa: S608 (declared names)
