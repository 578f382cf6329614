"""Result forms: text in, typed Parquet by election and province out, and everything that was wrong on the way.

DuckDB evaluates every row rule of the catalog once. A form is kept or refused as a whole: what is refused in one of
its tables is missing in all, so that nothing points at a row that is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from ..catalog import Table
from ..catalog.forms import FORMS, PROVENANCE, VOTES, FormText, form_columns, form_tables, vote_table
from .conditions import Condition, conditions
from .engine import EngineError
from .large_keys import drop_repeated
from .large_problems import explain, explain_votes
from .large_sql import broken, known_values, quote, refused, typed
from .large_text import give, read_text

WRITERS = 2
KEY = ("election_id", "contest", "tps_id")


@dataclass
class FormsValidated:
    """What became of the forms of one text: records read = kept + refused.

    Attributes:
        kept: file -> forms kept. refused: file -> forms quarantined. problems: columns of `meta.quarantine`.
        failed: name of a table -> condition -> number of forms that break it.
        parts: (table, election, province, file) of every Parquet partition written.
    """

    kept: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[pd.DataFrame] = field(default_factory=list)
    failed: dict[str, Counter[str]] = field(default_factory=dict)
    parts: list[tuple[str, str, str, Path]] = field(default_factory=list)


@contextmanager
def scratch(folder: Path, memory_limit: str = "4GB", threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {}
    settings |= {"memory_limit": memory_limit, "temp_directory": str(folder)}
    if threads:
        settings["threads"] = threads
    connection = duckdb.connect(":memory:", config=settings)
    try:
        yield connection
    finally:
        connection.close()


def validate_forms(
    con: duckdb.DuckDBPyConnection,
    text: FormText,
    references: Mapping[str, pd.DataFrame],
    out: Path,
    part: str,
    names: pd.DataFrame | None = None,
) -> FormsValidated:
    """Cast and check the forms of one text and write those that hold.

    Args:
        con: from `scratch`; its temporary tables are made anew.
        references: full name -> typed rows of the tables that foreign keys point at.
        out: folder; `<table>/election_id=…/province_code=…/<part>.parquet` is written below it.
        part: name of this text among the parts of a partition.
        names: for forms whose areas are names: province, regency, district, village, area_code ('99' = overseas).

    Raises:
        EngineError: records were lost on the way, which is a fault of this program.
    """
    found = FormsValidated()
    give(con, references)
    read_text(con, text, names)
    _cast(con, references)
    marks = _marks(references)
    _judge_votes(con)
    for table in (*form_tables(), vote_table()):
        found.failed[table.full_name] = Counter()
    explain(con, text, marks, found.problems, found.failed)
    explain_votes(con, text, found.problems, found.failed)
    drop_repeated(con, found.problems, found.failed)
    found.kept.update(
        dict(con.execute("select source_file, count(*) from form where not is_bad group by 1").fetchall())
    )
    found.refused.update(
        dict(con.execute("select source_file, count(*) from form where is_bad group by 1").fetchall())
    )
    for file, n_read in text.n_read.items():
        if n_read != found.kept[file] + found.refused[file]:
            raise EngineError(
                f"{file}: {n_read} records read, but {found.kept[file]} kept and {found.refused[file]} refused"
            )
    found.parts = _write(con, out, part)
    return found


def marks_of(table: Table, references: Mapping[str, pd.DataFrame]) -> list[tuple[Condition, str]]:
    """(condition, SQL over typed columns that is true where it is broken) of a table, uniqueness left out."""
    known = {
        key.fields: known_values(key, f"given_{key.reference.replace('.', '_')}")
        for key in table.foreign_keys
        if key.reference in references
    }
    found = []
    for condition in conditions(table):
        if condition.columns and condition.columns[0] in ("source_file", "source_row"):
            continue
        if condition.rule == "foreign_key" and condition.columns not in known:
            continue
        sql = broken(table, condition, known)
        if sql is not None:
            found.append((condition, sql))
    return found


def _marks(references: Mapping[str, pd.DataFrame]) -> dict[str, list[tuple[Condition, str]]]:
    return {table.full_name: marks_of(table, references) for table in form_tables()}


def _fields() -> dict[str, Table]:
    owner: dict[str, Table] = {}
    for table in form_tables():
        for name in table.field_names:
            owner.setdefault(name, table)
    return {c: owner[c] for c in form_columns()}


def _cast(con: duckdb.DuckDBPyConnection, references: Mapping[str, pd.DataFrame]) -> None:
    """Table `form`: typed columns, and whether the form is bad or only worth a warning."""
    owners = _fields()
    values = ", ".join(
        f"{typed(t.field(c), 'text_form.' + quote(c))} as {quote(c)}" for c, t in owners.items()
    )
    wrong = " or ".join(refused(t.field(c), "text_form." + quote(c)) for c, t in owners.items())
    listed = [mark for table in _marks(references).values() for mark in table]
    bad = list(dict.fromkeys(sql for condition, sql in listed if condition.severity != "warn"))
    warn = list(dict.fromkeys(sql for condition, sql in listed if condition.severity == "warn"))
    con.execute(
        "create or replace table form as select * exclude (has_refused, votes), "  # noqa: S608 (declared)
        f"has_refused or {' or '.join(bad)} as is_bad, {' or '.join(warn) or 'false'} as is_warned, votes "
        f"from (select {values}, source_file, source_row, votes, ({wrong}) as has_refused from text_form)"
    )


def _judge_votes(con: duckdb.DuckDBPyConnection) -> None:
    """Table `vote`: one row per choice; forms with a vote that cannot be are bad."""
    con.execute("""
        create or replace table vote as
        select
            form_no, v.kind as kind, nullif(v.option_id, '') as option_id, nullif(v.party_id, '') as party_id,
            nullif(v.votes, '') as votes_text, try_cast(nullif(v.votes, '') as bigint) as votes
        from (select rowid as form_no, unnest(votes) as v from form where votes is not null)
    """)
    con.execute("""
        create or replace temp table bad_vote as
        select * from vote
        where cast(votes as varchar) is distinct from votes_text or votes < 0
            or option_id is null or kind not in ('pair', 'party_total', 'party', 'candidate')
    """)
    con.execute("update form set is_bad = true where rowid in (select form_no from bad_vote)")


def _write(con: duckdb.DuckDBPyConnection, out: Path, part: str) -> list[tuple[str, str, str, Path]]:
    """Good forms and their votes, sorted by key, one file each per election and province."""
    groups = con.execute(
        "select election_id, province_code, min(rowid), max(rowid), count(distinct contest) from form "
        "where not is_bad group by 1, 2 order by 1, 2"
    ).fetchall()
    columns = ", ".join(map(quote, [*form_columns(), *PROVENANCE]))
    of_vote = ", ".join(f"{'v' if c in _OF_VOTE else 'f'}.{quote(c)}" for c in vote_table().field_names)
    todo: list[tuple[str, str, str, Path, str]] = []
    for election, province, first, last, n_contests in groups:
        chosen = f"not is_bad and election_id = '{election}' and province_code = '{province}'"
        chosen += f" and f.rowid between {first} and {last}"
        # A station with several contests is one row of core.tps: the row of its first contest.
        is_first = "true"
        if n_contests > 1:
            is_first = "row_number() over (partition by election_id, tps_id order by contest) = 1"
        selects = {
            FORMS: f"select {columns}, {is_first} as is_first_of_tps from form f where {chosen} "  # noqa: S608
            "order by election_id, contest, tps_id",
            VOTES: f"select {of_vote} from vote v join form f on v.form_no = f.rowid where {chosen} "  # noqa: S608
            f"and v.form_no between {first} and {last} order by contest, tps_id, kind, option_id",
        }
        for name, select in selects.items():
            path = out / name / f"election_id={election}" / f"province_code={province}" / f"{part}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            todo.append((name, str(election), str(province), path, select))

    def write(one: tuple[str, str, str, Path, str]) -> tuple[str, str, str, Path]:
        # A province is too small for DuckDB to share among cores, so that two of them are written at a time.
        with con.cursor() as own:
            own.execute(f"copy ({one[4]}) to '{one[3]}' (format parquet, compression snappy)")
        return one[:4]

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(write, todo))


_OF_VOTE: Sequence[str] = ("kind", "option_id", "party_id", "votes")
