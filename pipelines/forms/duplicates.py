"""Duplicate forms within one text: the newest state is used, exact repetitions are dropped, and of
contradictory forms with the same time none is used.

Duplicates across texts, such as two files of one source, are handled in `superseded`.
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
from .edits import edits, in_text
from .superseded import superseded_form

KEY = "piece, election_id, contest, tps_id"


def drop_repeated(
    con: duckdb.DuckDBPyConnection, problems: list[pd.DataFrame], failed: dict[str, Counter[str]]
) -> pd.DataFrame | None:
    """Mark repeated forms in table `form` as bad and report them; returns changes between copies
    (core.result_change).

    Counting distinct keys first is much cheaper than searching for repeated ones, which are rare.
    """
    total, distinct = con.execute(
        f"select count(*), count(distinct hash({KEY})) from form where not is_bad"  # noqa: S608
    ).fetchall()[0]
    if total == distinct:
        return None
    content = ", ".join(quote(c) for c in form_columns())
    con.execute(f"""
        create or replace temp table repeated as
        with keyed as (
            select *, hash({content}, cast(votes as varchar)) as content
            from form where not is_bad
            qualify count(*) over (partition by {KEY}) > 1
        ),
        -- Several scrapes of one source: the state that was published last is used.
        aged as (
            select
                *, rank() over (partition by {KEY} order by published_at desc nulls last) > 1 as is_older,
                first(source_file || ':' || source_row)
                    over (partition by {KEY} order by published_at desc nulls last, form_no) as newest_place
            from keyed
        )
        select
            form_no, source_file, source_row, tps_id, is_older, newest_place,
            row_number() over same = 1 as is_first,
            first(source_file || ':' || source_row) over same as first_place,
            not is_older
                and count(distinct if(is_older, null, content)) over (partition by {KEY}) > 1 as differs,
            string_agg(if(is_older, null, source_file || ':' || source_row), '; ')
                over (partition by {KEY}) as places
        from aged
        window same as (partition by {KEY}, is_older, content order by form_no)
    """)  # noqa: S608 (declared names)
    rows = con.execute(
        "select source_file, source_row, tps_id, is_older, differs, if(is_older, newest_place, first_place), places "
        "from repeated where is_older or differs or not is_first order by form_no"
    ).fetchall()
    found = edits(con, in_text()) if any(is_older for _, _, _, is_older, *_ in rows) else None
    con.execute(
        "update judged set is_bad = true where form_no in "
        "(select form_no from repeated where is_older or differs or not is_first)"
    )
    problems.append(problem_frame(_rows(rows)))
    older = sum(bool(is_older) for _, _, _, is_older, *_ in rows)
    conflicting = sum(bool(differs) for _, _, _, _, differs, *_ in rows)
    failed["core.result"]["duplicate_row"] += len(rows) - older - conflicting
    failed["core.result"]["unique(election_id, contest, tps_id)"] += conflicting
    # Not a declared condition: an older state is not a data error, and no threshold counts it.
    failed["core.result"]["superseded"] += older
    return found


def _rows(rows: list[tuple[str, int, str, bool, bool, str, str]]) -> Iterator[dict[str, object]]:
    for file, line, tps_id, is_older, differs, used, places in rows:
        where, _, number = used.rpartition(":")
        if is_older:
            yield superseded_form(tps_id, file, line, where, int(number))
            continue
        if differs:
            others = [p for p in places.split("; ") if p != f"{file}:{line}"]
            words = messages.conflict(("election_id", "contest", "tps_id"), others)
        else:
            words = messages.duplicate(where, int(number))
        rule = "conflicting_duplicate" if differs else "duplicate_row"
        yield messages.problem("core.result", rule, words, (file, line), "tps_id", tps_id)
