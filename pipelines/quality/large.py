"""Result forms: text in, one typed table out, and everything that was wrong on the way.

DuckDB evaluates every row rule of the catalog once. A form is kept or refused as a whole: what is refused in one of
its tables is missing in all, so that nothing points at a row that is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from ..catalog import Table
from ..catalog.forms import NAMES, PROVENANCE, FormText, form_columns, form_tables, vote_table
from ..catalog.sql import ANY_ORDER, IN_ORDER, quote
from .conditions import Condition, conditions
from .engine import EngineError
from .large_keys import drop_repeated
from .large_problems import explain
from .large_sql import broken, known_values, refused, typed
from .large_text import COMPUTED, distinct_names, give, read_text, view_text
from .large_votes import explain_votes, typed_votes, wrong_votes

# Names of areas as sources write them -> the same with today's codes.
Resolve = Callable[[pd.DataFrame], pd.DataFrame]
Group = tuple[str, str, str]


@dataclass
class FormsValidated:
    """What became of the forms of one text: records read = kept + refused.

    Attributes:
        kept: file -> forms kept. refused: file -> forms quarantined. problems: columns of `meta.quarantine`.
        failed: name of a table -> condition -> number of forms that break it.
        groups: (election, contest, province) -> in how many of the texts that were joined it has forms.
        names: what the names of areas were resolved to, where areas are names.
    """

    kept: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[pd.DataFrame] = field(default_factory=list)
    failed: dict[str, Counter[str]] = field(default_factory=dict)
    groups: Counter[Group] = field(default_factory=Counter)
    names: pd.DataFrame | None = None


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
    resolve: Resolve | None = None,
) -> FormsValidated:
    """Cast and check the forms of one text; those that hold are the view `good_form` of the connection.

    `good_form` has the columns of the tables of forms, where each form came from, `form_no` (its place among all) and
    `votes`: list of struct(kind, option_id, party_id, votes bigint). It lasts until the next text.

    Args:
        con: any connection; its temporary tables are made anew.
        references: full name -> typed rows of the tables that foreign keys point at.
        resolve: for forms whose areas are names: (province, regency, district, village, n_tps) to the same with
            area_code ('99' = overseas).

    Raises:
        EngineError: records were lost on the way, which is a fault of this program.
    """
    found = FormsValidated()
    give(con, references)
    read_text(con, text)
    if text.areas == NAMES and resolve is not None:
        found.names = resolve(distinct_names(con, text))
    view_text(con, text, found.names)
    marks = {table.full_name: marks_of(table, references) for table in form_tables()}
    _cast(con, text, [mark for listed in marks.values() for mark in listed])
    for table in (*form_tables(), vote_table()):
        found.failed[table.full_name] = Counter()
    explain(con, marks, found.problems, found.failed)
    explain_votes(con, found.problems, found.failed)
    drop_repeated(con, found.problems, found.failed)
    _count(con, text, found)
    columns = ", ".join(map(quote, [*form_columns(), *PROVENANCE, "form_no", "votes"]))
    con.execute(f"create or replace temp view good_form as select {columns} from form where not is_bad")  # noqa: S608
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
        if condition.columns and condition.columns[0] in PROVENANCE:
            continue
        if condition.rule == "foreign_key" and condition.columns not in known:
            continue
        sql = broken(table, condition, known)
        if sql is not None:
            found.append((condition, sql))
    return found


def _cast(con: duckdb.DuckDBPyConnection, text: FormText, marks: list[tuple[Condition, str]]) -> None:
    """Table `form`: typed columns, and whether the form is bad or only worth a warning."""
    fields = {f.name: f for t in reversed(form_tables()) for f in t.fields}
    stated = [c for c in form_columns() if c in text.columns and c not in COMPUTED]
    known = [quote(c) for c in COMPUTED] + [f"{quote('typed ' + c)} as {quote(c)}" for c in stated]
    empty = [
        f"null::{fields[c].sql_type} as {quote(c)}" for c in form_columns() if c not in (*stated, *COMPUTED)
    ]
    if text.areas == NAMES:
        looked_up = ("province_code", "regency_code", "district_code", "village_code")
        known += [quote(c) for c in looked_up]
        empty = [e for e in empty if not e.endswith(tuple(f" as {quote(c)}" for c in looked_up))]
    values = ", ".join(f"{typed(fields[c], quote(c))} as {quote('typed ' + c)}" for c in stated)
    wrong = " or ".join(refused(fields[c], quote(c), quote("typed " + c)) for c in stated)
    bad = list(dict.fromkeys(sql for condition, sql in marks if condition.severity != "warn"))
    warn = list(dict.fromkeys(sql for condition, sql in marks if condition.severity == "warn"))
    # The text is read in order, for its lines to be counted; from here on each form knows its line and its place.
    con.execute(ANY_ORDER)
    con.execute(
        "create or replace temp table form as select * exclude (is_wrong), "  # noqa: S608 (declared names)
        f"is_wrong or {' or '.join(bad)} as is_bad, {' or '.join(warn) or 'false'} as is_warned "
        f"from (select {', '.join([*known, *empty])}, source_file, source_row, form_no, piece, "
        f"{typed_votes(text)} as votes, ({wrong} or {wrong_votes(text)}) as is_wrong "
        f"from (select *, {values} from text_form))"
    )
    con.execute(IN_ORDER)


def _count(con: duckdb.DuckDBPyConnection, text: FormText, found: FormsValidated) -> None:
    """What was kept and refused, per file; every record must be one of them."""
    for file, is_bad, n in con.execute(
        "select source_file, is_bad, count(*) from form group by all order by all"
    ).fetchall():
        (found.refused if is_bad else found.kept)[file] = n
    for file, n_read in text.n_read.items():
        if n_read != found.kept[file] + found.refused[file]:
            raise EngineError(
                f"{file}: {n_read} records read, but {found.kept[file]} kept and {found.refused[file]} refused"
            )
    for _, *group in con.execute(
        "select distinct piece, election_id, contest, province_code from form where not is_bad order by all"
    ).fetchall():
        found.groups[(str(group[0]), str(group[1]), str(group[2]))] += 1
