"""Result forms: text in, typed Parquet by election and province out, and everything that was wrong on the way.

DuckDB evaluates every row rule of the catalog once. A form is kept or refused as a whole: what is refused in one of
its tables is missing in all, so that nothing points at a row that is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from ..catalog import Table
from ..catalog.forms import NAMES, FormText, form_columns, form_tables, vote_table
from ..catalog.records import problem_frame
from .conditions import Condition, conditions
from .engine import EngineError
from .large_keys import drop_repeated
from .large_problems import explain, explain_votes
from .large_sql import broken, known_values, quote, refused, typed

KEY = ("election_id", "contest", "tps_id")
_AREA_COLUMNS = ("area_code", "province_code", "regency_code", "district_code", "village_code")


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
    _give(con, references)
    _read(con, text, names)
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
        n_lost = len(text.unreadable) if len(text.n_read) == 1 else 0
        seen = found.kept[file] + found.refused[file]
        if seen > n_read or seen < n_read - n_lost:
            raise EngineError(
                f"{file}: {n_read} records read, but {found.kept[file]} kept and {found.refused[file]} refused"
            )
    found.parts = _write(con, out, part)
    return found


def _give(con: duckdb.DuckDBPyConnection, references: Mapping[str, pd.DataFrame]) -> None:
    """The tables that foreign keys point at, once per connection: joining with frames costs more each time."""
    for name, frame in references.items():
        con.register("given", frame)
        con.execute(f"create temp table if not exists given_{name.replace('.', '_')} as select * from given")  # noqa: S608
        con.unregister("given")


def _read(con: duckdb.DuckDBPyConnection, text: FormText, names: pd.DataFrame | None) -> None:
    """Table `raw` (as written) and view `text_form` (our columns, still text)."""
    con.execute(f"create or replace temp table raw as select * from {text.relation}")  # noqa: S608
    con.register("names", names if names is not None else _no_names())
    con.execute("create or replace temp table unreadable (source_row bigint)")
    if text.unreadable:
        con.executemany("insert into unreadable values (?)", [[n] for n in text.unreadable])
    wanted = {c: text.columns.get(c, "null") for c in form_columns()}
    columns = ", ".join(
        f"nullif(cast({sql} as varchar), '') as {quote(c)}" for c, sql in wanted.items() if c not in _COMPUTED
    )
    votes = text.votes or "null"
    con.execute(
        f"create or replace temp view text_raw as select {columns}, {votes} as votes, "  # noqa: S608 (declared)
        f"{text.source_file} as source_file, cast({text.source_row} as bigint) as source_row from raw "
        f"where cast({text.source_row} as bigint) not in (select source_row from unreadable)"
    )
    con.execute(_BY_NAME if text.areas == NAMES else _BY_CODE)


_COMPUTED = ("area_code", "is_overseas", "is_special")
_SPECIAL = (
    "cast(coalesce(try_cast(t.tps as integer) >= 901, false) "
    "and not coalesce(t.province_code = '99', false) as varchar)"
)
_BY_CODE = f"""
create or replace temp view text_form as
select
    t.* exclude (district_code, regency_code),
    d.area_code as district_code,
    r.area_code as regency_code,
    coalesce(v.area_code, d.area_code, r.area_code) as area_code,
    cast(coalesce(t.province_code = '99', false) as varchar) as is_overseas,
    {_SPECIAL} as is_special
from text_raw t
left join given_ref_areas v on v.area_code = t.village_code
left join given_ref_areas d on d.area_code = t.district_code
left join given_ref_areas r on r.area_code = t.regency_code
"""  # noqa: S608 (constants)
_BY_NAME = f"""
create or replace temp view text_form as
with t as (
    select
        text_raw.* exclude (province_code, regency_code, district_code, village_code),
        left(n.area_code, 2) as province_code,
        case when length(n.area_code) >= 4 then left(n.area_code, 4) end as regency_code,
        case when length(n.area_code) >= 6 then left(n.area_code, 6) end as district_code,
        case when length(n.area_code) = 10 then n.area_code end as village_code,
        nullif(n.area_code, '99') as area_code
    from text_raw
    left join names n
        on n.province = text_raw.province and n.regency = text_raw.regency
        and n.district = text_raw.district and n.village = text_raw.village
)
select
    t.*,
    cast(coalesce(t.province_code = '99', false) as varchar) as is_overseas,
    {_SPECIAL} as is_special
from t
"""  # noqa: S608 (constants)


def distinct_names(con: duckdb.DuckDBPyConnection, texts: Sequence[FormText]) -> pd.DataFrame:
    """province, regency, district, village (as written) and n_tps of every village that the texts name."""
    columns = ("province", "regency", "district", "village")
    parts = []
    for text in texts:
        listed = ", ".join(f"nullif({text.columns[c]}, '') as {c}" for c in columns)
        parts.append(f"select {listed} from {text.relation}")  # noqa: S608 (declared)
    return con.execute(
        "select province, regency, district, village, count(*) as n_tps from "  # noqa: S608
        f"({' union all '.join(parts)}) where province is not null group by all order by all"
    ).df()


def _no_names() -> pd.DataFrame:
    columns = ("province", "regency", "district", "village", "area_code")
    return pd.DataFrame({c: pd.Series([], dtype="str") for c in columns})


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
        "create or replace temp table form as select * exclude (has_refused, votes), "  # noqa: S608 (declared)
        f"has_refused or {' or '.join(bad)} as is_bad, {' or '.join(warn) or 'false'} as is_warned, votes "
        f"from (select {values}, source_file, source_row, votes, ({wrong}) as has_refused from text_form)"
    )


def _judge_votes(con: duckdb.DuckDBPyConnection) -> None:
    """Table `vote`: one row per choice; forms with a vote that cannot be are bad."""
    con.execute("""
        create or replace temp table vote as
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
    written = []
    groups = con.execute(
        "select election_id, province_code from form where not is_bad group by all order by all"
    ).fetchall()
    for election, province in groups:
        chosen = f"not is_bad and election_id = '{election}' and province_code = '{province}'"
        for table, select in _selects(chosen):
            folder = out / table.full_name / f"election_id={election}" / f"province_code={province}"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{part}.parquet"
            order = ", ".join(quote(c) for c in table.primary_key)
            con.execute(f"copy ({select} order by {order}) to '{path}' (format parquet, compression snappy)")
            written.append((table.full_name, str(election), str(province), path))
    return written


def _selects(chosen: str) -> Iterator[tuple[Table, str]]:
    for table in form_tables():
        columns = ", ".join(quote(c) for c in table.field_names)
        once = (
            "qualify row_number() over (partition by election_id, tps_id order by contest) = 1"
            if table.name == "tps"
            else ""
        )
        yield table, f"select {columns} from form where {chosen} {once}"  # noqa: S608
    table = vote_table()
    columns = ", ".join(f"{'v' if c in _OF_VOTE else 'f'}.{quote(c)}" for c in table.field_names)
    yield table, f"select {columns} from vote v join form f on v.form_no = f.rowid where {chosen}"  # noqa: S608


_OF_VOTE: Sequence[str] = ("kind", "option_id", "party_id", "votes")


def empty_problems() -> pd.DataFrame:
    """No problem at all, with the right columns."""
    return problem_frame()
