"""Validate result forms: raw text in, one typed table out, with every problem found on the way.

DuckDB evaluates each row rule of the catalog once. A form is kept or rejected as a whole: if one of its tables
rejects it, it is missing in all, so that no row references a missing one.
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
from ..catalog.forms import NAMES, PROVENANCE, FormText, form_columns, form_tables, is_constant, vote_table
from ..catalog.messages import Message
from ..catalog.sql import ANY_ORDER, IN_ORDER, quote
from ..quality.conditions import Condition, conditions
from ..quality.engine import EngineError
from ..quality.sql import broken, known_values, refused, typed
from .duplicates import drop_repeated
from .problems import explain
from .text import AREA_CODES, COMPUTED, distinct_names, give, read_text, view_text
from .votes import explain_votes, listed_votes, typed_votes, wrong_votes

# Area names as written by sources -> the same frame with today's codes.
Resolve = Callable[[pd.DataFrame], pd.DataFrame]
Group = tuple[str, str, str]


@dataclass
class FormsValidated:
    """Outcome for the forms of one text: records read = kept + refused.

    Attributes:
        kept: file -> forms kept. refused: file -> forms quarantined. problems: columns of `meta.quarantine`.
        failed: table name -> condition -> number of forms that break it.
        groups: (election, contest, province) -> number of joined texts that have forms in it.
        names: result of the name resolution, where areas are given by name.
        edits: differences between copies of one form; columns of core.result_change.
    """

    kept: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    problems: list[pd.DataFrame] = field(default_factory=list)
    failed: dict[str, Counter[str]] = field(default_factory=dict)
    groups: Counter[Group] = field(default_factory=Counter)
    names: pd.DataFrame | None = None
    edits: pd.DataFrame | None = None


@contextmanager
def scratch(folder: Path, memory_limit: str = "4GB", threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory DuckDB that spills to `folder`."""
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
    """Cast and check the forms of one text; valid forms become the view `good_form` of the connection.

    `good_form` has the columns of the form tables, the origin of each form, `form_no` (its position among all)
    and `votes`: list of struct(kind, option_id, party_id, votes bigint). It is valid until the next text is
    read.

    Args:
        con: any connection; its temporary tables are replaced.
        references: full name -> typed rows of the tables that foreign keys reference.
        resolve: for forms with area names: (province, regency, district, village, n_tps) to the same with
            area_code ('99' = overseas).

    Raises:
        EngineError: records were lost on the way, which is a bug in this program.
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
    found.edits = drop_repeated(con, found.problems, found.failed)
    _count(con, text, found)
    columns = ", ".join(map(quote, [*form_columns(), *PROVENANCE, "form_no", "votes"]))
    con.execute(f"create or replace temp view good_form as select {columns} from form where not is_bad")  # noqa: S608
    return found


def marks_of(table: Table, references: Mapping[str, pd.DataFrame]) -> list[tuple[Condition, str]]:
    """Return (condition, SQL over typed columns that is true where it is broken) of a table, except uniqueness."""
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
    """Create the view `form`: typed columns, and whether the form is rejected or kept with a warning.

    Columns that differ between forms are stored in table `judged`; constant ones, such as columns that a source
    does not provide, take no memory even for millions of forms.
    """
    fields = {f.name: f for t in reversed(form_tables()) for f in t.fields}
    stated = [c for c in form_columns() if c in text.columns and c not in COMPUTED]
    looked_up = AREA_CODES if text.areas == NAMES else ()
    made = {
        **{c: f"null::{fields[c].sql_type}" for c in form_columns()},
        **{c: quote(f"typed {c}") for c in stated},
        **{c: quote(c) for c in (*COMPUTED, *looked_up)},
        **{c: c for c in ("source_file", "source_row", "form_no", "piece")},
        **typed_votes(text),
    }
    of_all = {
        c: sql for c, sql in {**text.columns, "source_file": text.source_file}.items() if is_constant(sql)
    }
    of_all |= {c: sql for c, sql in made.items() if sql.startswith("null::")} | listed_votes(text)
    values = ", ".join(f"{typed(fields[c], quote(c))} as {quote('typed ' + c)}" for c in stated)
    wrong = " or ".join(refused(fields[c], quote(c), quote("typed " + c)) for c in stated)
    bad = list(dict.fromkeys(sql for condition, sql in marks if condition.severity != "warn"))
    warn = list(dict.fromkeys(sql for condition, sql in marks if condition.severity == "warn"))
    # The text is read in order so that line numbers are right; from here on each form stores its line and
    # position.
    con.execute(ANY_ORDER)
    con.execute(
        f"create or replace temp table judged as select {', '.join(quote(c) for c in made if c not in of_all)}, "  # noqa: S608
        f"is_wrong or {' or '.join(bad)} as is_bad, {' or '.join(warn) or 'false'} as is_warned "
        f"from (select {', '.join(f'{sql} as {quote(c)}' for c, sql in made.items())}, "
        f"({wrong} or {wrong_votes(text)}) as is_wrong from (select *, {values} from text_form))"
    )
    con.execute(IN_ORDER)
    added = "".join(f", {sql} as {quote(c)}" for c, sql in of_all.items())
    con.execute(f"create or replace temp view form as select *{added} from judged")  # noqa: S608 (declared names)


def _count(con: duckdb.DuckDBPyConnection, text: FormText, found: FormsValidated) -> None:
    """Count forms kept and refused per file; every record must be one or the other."""
    for file, is_bad, n in con.execute(
        "select source_file, is_bad, count(*) from form group by all order by all"
    ).fetchall():
        (found.refused if is_bad else found.kept)[file] = n
    for file, n_read in text.n_read.items():
        if n_read != found.kept[file] + found.refused[file]:
            raise EngineError(
                Message(
                    "quality.records_lost",
                    file=file,
                    n_read=n_read,
                    n_kept=found.kept[file],
                    n_refused=found.refused[file],
                )
            )
    for _, *group in con.execute(
        "select distinct piece, election_id, contest, province_code from form where not is_bad order by all"
    ).fetchall():
        found.groups[(str(group[0]), str(group[1]), str(group[2]))] += 1
