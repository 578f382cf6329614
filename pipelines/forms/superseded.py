"""The same form in two texts, such as two sources: the one published last is used, the other is quarantined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import duckdb
import pandas as pd

from ..catalog.messages import Message
from ..catalog.records import problem_frame
from ..catalog.sql import literal
from ..quality import messages

_KEY = "election_id, contest, tps_id"


def superseded(
    con: duckdb.DuckDBPyConnection, groups: Sequence[tuple[str, str, str]]
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return forms in core.result that another text has in a newer state; table `superseded` stores their
    position.

    Args:
        con: connection whose current database holds core.result and core.upload.
        groups: (election, contest, province) for which more than one text had forms.

    Returns:
        Problems (columns of `meta.quarantine`), and the number of forms superseded per raw file.
    """
    listed = ", ".join(f"({', '.join(map(literal, group))})" for group in groups) or "('', '', '')"
    con.execute(f"""
        create or replace temp table superseded as
        with several as (
            select {_KEY}, r.source_file, r.source_row, u.published_at
            from core.result r
            left join core.upload u using (election_id, contest, tps_id, source_file, source_row)
            where (election_id, contest, r.province_code) in ({listed})
        )
        select
            {_KEY}, source_file, source_row,
            first_value(source_file) over best as used_file, first_value(source_row) over best as used_row
        from several
        window best as (
            partition by {_KEY} order by published_at desc nulls last, source_file, source_row
            rows between unbounded preceding and current row
        )
        qualify row_number() over best > 1
    """)  # noqa: S608 (declared names, literals)
    lost: Counter[str] = Counter()
    problems: list[dict[str, object]] = []
    for row in con.execute(
        "select tps_id, source_file, source_row, used_file, used_row from superseded "
        "order by source_file, source_row"
    ).fetchall():
        problems.append(superseded_form(*row))
        lost[row[1]] += 1
    return problem_frame(problems), lost


def superseded_form(tps_id: str, file: str, line: int, used_file: str, used_line: int) -> dict[str, object]:
    """Return the problem row of a form that has a newer state elsewhere."""
    words = Message("quality.superseded", used_file=used_file, used_line=used_line)
    return messages.problem("core.result", "superseded", words, (file, line), "tps_id", tps_id)
