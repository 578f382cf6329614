"""Forms that a text has twice: the exact repetition goes, and of forms that contradict each other none is used.

The same form in two texts, such as files of one source, is a matter of `large_parts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import pandas as pd

from ..catalog.forms import form_columns
from ..catalog.records import problem_frame
from ..catalog.sql import quote
from ..quality import messages

KEY = "piece, election_id, contest, tps_id"


def drop_repeated(
    con: duckdb.DuckDBPyConnection, problems: list[pd.DataFrame], failed: dict[str, Counter[str]]
) -> None:
    """Mark repeated forms of table `form` as bad and say so.

    Counting distinct keys first costs a fraction of looking for the repeated ones, which are rare.
    """
    total, distinct = con.execute(
        f"select count(*), count(distinct hash({KEY})) from form where not is_bad"  # noqa: S608
    ).fetchall()[0]
    if total == distinct:
        return
    content = ", ".join(quote(c) for c in form_columns())
    con.execute(f"""
        create or replace temp table repeated as
        with keyed as (
            select *, hash({content}, cast(votes as varchar)) as content
            from form where not is_bad
            qualify count(*) over (partition by {KEY}) > 1
        )
        select
            form_no, source_file, source_row, tps_id,
            row_number() over same = 1 as is_first,
            first(source_file || ':' || source_row) over same as first_place,
            count(distinct content) over (partition by {KEY}) > 1 as differs,
            string_agg(source_file || ':' || source_row, '; ') over (partition by {KEY}) as places
        from keyed
        window same as (partition by {KEY}, content order by form_no)
    """)  # noqa: S608 (declared names)
    rows = con.execute(
        "select source_file, source_row, tps_id, differs, first_place, places, form_no from repeated "
        "where differs or not is_first order by form_no"
    ).fetchall()
    con.execute(
        "update judged set is_bad = true where form_no in (select form_no from repeated where differs or not is_first)"
    )
    problems.append(problem_frame(_rows(rows)))
    failed["core.result"]["duplicate_row"] += sum(not r[3] for r in rows)
    failed["core.result"]["unique(election_id, contest, tps_id)"] += sum(bool(r[3]) for r in rows)


def _rows(rows: list[tuple[str, int, str, bool, str, str, int]]) -> Iterator[dict[str, object]]:
    for file, line, tps_id, differs, first, places, _ in rows:
        if differs:
            others = [p for p in places.split("; ") if p != f"{file}:{line}"]
            words = messages.conflict(("election_id", "contest", "tps_id"), others)
        else:
            where, _, number = first.rpartition(":")
            words = messages.duplicate(where, int(number))
        rule = "conflicting_duplicate" if differs else "duplicate_row"
        yield messages.problem("core.result", rule, words, (file, line), "tps_id", tps_id)
