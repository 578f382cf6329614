"""Tables and views as frames, and descriptions of a release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.catalog.messages import USAGE, Message, UserError
from pipelines.catalog.sql import quote
from pipelines.catalog.vocabulary import LAYERS_TO_READ

from .session import Session, connect

NATION = "00"
Where = Session | str | Path | None


class UnknownTableError(UserError):
    """The release has no such table, column or area."""

    exit_code = USAGE


@contextmanager
def _session(con: Where) -> Iterator[Session]:
    if isinstance(con, Session):
        yield con
        return
    with connect(con) as session:
        yield session


def load(
    name: str,
    area: str | int | None = None,
    election: str | None = None,
    columns: Sequence[str] | None = None,
    con: Where = None,
) -> pd.DataFrame:
    """Return a table or view as a frame, ordered by its key.

    Args:
        name: `counts` means the view `mart.v_counts` if it exists, else the table of that name in mart, core,
            ref or meta; a full name, `core.revote_claim`, means exactly that table.
        area: area code without dots: the area and everything below it; `00`: rows about the nation itself.
        election: id of an election.
        columns: only these.
        con: session, or path of the warehouse.

    Returns:
        Frame; `attrs` has `release` and `table`.

    Raises:
        UnknownTableError: there is no such table, column, area or election, or the table has no areas or
            elections.
    """
    code = None if area is None else str(area)
    with _session(con) as session:
        full_name, there = _find(session, name)
        unknown = [one for one in columns or () if one not in there]
        if unknown:
            raise UnknownTableError(
                Message(
                    "reader.no_column", table=full_name, column=", ".join(unknown), known=", ".join(there)
                )
            )
        conditions, values = [], []
        for given, column in ((code, "area_code"), (election, "election_id")):
            if given is not None and column not in there:
                raise UnknownTableError(
                    Message("reader.no_column", table=full_name, column=column, known=", ".join(there))
                )
        if code is not None:
            if not re.fullmatch(r"[0-9]{2}(-[0-9]{4}|[0-9]{2}|[0-9]{4}|[0-9]{8})?", code):
                raise UnknownTableError(Message("reader.no_area_code", area=code))
            conditions.append("area_code = ?" if code == NATION else "starts_with(area_code, ?)")
            values.append(code)
        if election is not None:
            conditions.append("election_id = ?")
            values.append(election)
        where = f" where {' and '.join(conditions)}" if conditions else ""
        listed = ", ".join(map(quote, columns)) if columns else "*"
        target = ".".join(map(quote, full_name.split(".")))
        key = _key(session, full_name)
        order = f" order by {', '.join(map(quote, key))}" if key else ""
        frame = session.df(f"select {listed} from {target}{where}{order}", values)  # noqa: S608 (quoted names)
        if frame.empty:
            _is_known(session, code, election)
        frame.attrs |= {"release": release(session), "table": full_name}
        return frame


def _is_known(session: Session, area: str | None, election: str | None) -> None:
    """Raise if the empty result is due to an unknown area or election, rather than to missing data."""
    areas = session.execute("select 1 from ref.areas where area_code = ?", [area]).fetchone()
    if area is not None and areas is None:
        raise UnknownTableError(Message("reader.no_area", area=area))
    if election is not None:
        rows = session.execute(
            "select election_id from ref.elections order by voting_date, election_id"
        ).fetchall()
        known = [str(one) for (one,) in rows]
        if election not in known:
            raise UnknownTableError(Message("reader.no_election", election=election, known=", ".join(known)))


def _find(session: Session, name: str) -> tuple[str, list[str]]:
    rows = session.execute(
        "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
        " where database_name = current_database() and not internal group by all"
    ).fetchall()
    known: dict[str, list[str]] = dict(rows)
    wanted = [name] if "." in name else [f"mart.v_{name}", *(f"{layer}.{name}" for layer in LAYERS_TO_READ)]
    for one in wanted:
        if one in known:
            return one, known[one]
    listed = ", ".join(sorted(one for one in known if one.startswith("mart.")))
    raise UnknownTableError(Message("reader.no_table", name=name, known=listed))


def _key(session: Session, full_name: str) -> list[str]:
    row = session.execute(
        "select columns from meta.relations where table_name = ? and key_kind = 'primary'", [full_name]
    ).fetchone()
    return str(row[0]).split(",") if row else []


def tables(con: Where = None) -> pd.DataFrame:
    """Return every table and view: description in both languages, key and
    number of rows (not counted for views)."""
    with _session(con) as session:
        return session.df(
            """
            with named as (
                select schema_name || '.' || table_name as table_name, comment, estimated_size as n_rows, false as is_view
                from duckdb_tables() where database_name = current_database() and not internal
                union all
                select schema_name || '.' || view_name, comment, null, true
                from duckdb_views() where database_name = current_database() and not internal
            )
            select n.table_name, n.is_view, n.n_rows, r.columns as primary_key, n.comment
            from named n
            left join meta.relations r on r.table_name = n.table_name and r.key_kind = 'primary'
            order by n.table_name
            """
        )


def describe(name: str, con: Where = None) -> pd.DataFrame:
    """Return the columns of a table or view with type, unit and meaning in both languages (meta.dictionary)."""
    with _session(con) as session:
        full_name, _ = _find(session, name)
        return session.df(
            "select * exclude (table_name) from meta.dictionary where table_name = ? order by position",
            [full_name],
        )


def codes(code_list: str | None = None, con: Where = None) -> pd.DataFrame:
    """Return the values of one code list, or of all, with names and meaning in both languages
    (meta.code_values).

    Raises:
        UnknownTableError: there is no such code list.
    """
    with _session(con) as session:
        found = session.df(
            "select * from meta.code_values where code_list = coalesce(?, code_list) order by code_list, position",
            [code_list],
        )
        if code_list is not None and found.empty:
            rows = session.execute("select distinct code_list from meta.code_values order by all").fetchall()
            known = ", ".join(str(one) for (one,) in rows)
            raise UnknownTableError(Message("reader.no_code_list", code_list=code_list, known=known))
        return found


def release(con: Where = None) -> str:
    """Return the id of the release."""
    with _session(con) as session:
        return str(_release(session)["release_id"])


def _release(session: Session) -> dict[str, Any]:
    row = session.execute("select release_id, data_date from meta.release").fetchone()
    return dict(zip(("release_id", "data_date"), row or ("?", None), strict=True))


def cite(con: Where = None) -> str:
    """Return how to cite the data of the release."""
    with _session(con) as session:
        about = _release(session)
        return (
            f"titik-rawan contributors ({about['data_date']:%Y}). titik-rawan, release {about['release_id']} [data set]."
            " CC BY 4.0."
        )
