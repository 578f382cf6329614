"""Changes between copies of one form published at different times: rows of core.result_change.

Only figures present in both copies are compared: a figure missing in the older one is a first publication, not
an edit.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from ..catalog import table
from ..catalog.forms import form_tables, vote_table
from ..catalog.sql import quote
from ..warehouse import ddl

KEY = ("election_id", "contest", "tps_id")
_WIB = "interval 7 hours"  # core.upload is in Western Indonesian time, core.result_change in UTC
_COPY = (*KEY, "province_code", "published_at", "source_file", "source_row")


def edits(con: duckdb.DuckDBPyConnection, copies: str) -> pd.DataFrame:
    """Return figures that differ between one copy of a form and the copy published next.

    Args:
        con: connection in which the query `copies` can run.
        copies: SQL with the key and province of a form, `published_at` (WIB), the origin of the copy, and
            `figures`, a list of struct(field varchar, figure bigint). Copies without a time and forms without a
            KPU code are skipped; of copies with the same time the first counts.

    Returns:
        Columns of core.result_change, in the order of its key.
    """
    key, copy = ", ".join(KEY), ", ".join(_COPY)
    frame = con.execute(f"""
        with copy as (
            select {copy}, figures
            from ({copies})
            where published_at is not null and regexp_full_match(tps_id, '[0-9]{{13}}')
            qualify row_number() over (partition by {key}, published_at order by source_file, source_row) = 1
        ),
        pair as (
            select *, lag(published_at) over w as before_at, lag(figures) over w as before_figures
            from copy
            window w as (partition by {key} order by published_at)
        ),
        figure as (
            select {copy}, before_at, unnest(before_figures) as b, figures
            from pair
            where before_at is not null
        ),
        compared as (
            select
                *, b.figure as before_figure,
                list_filter(figures, lambda f: f.field = b.field)[1].figure as after_figure
            from figure
            where b.figure is not null
        )
        select
            {key}, province_code, b.field as field,
            if(after_figure is null, 'withdrawn', 'edited') as change,
            before_figure::varchar as "before", after_figure::varchar as "after",
            before_at - {_WIB} as first_seen, published_at - {_WIB} as changed_at,
            null::varchar as modified, source_file, source_row
        from compared
        where after_figure is distinct from before_figure
        order by {key}, field, changed_at
    """).df()  # noqa: S608 (declared names)
    return frame[table("core.result_change").field_names]


def in_text() -> str:
    """SQL for `edits`: copies in table `repeated` of the text being checked."""
    columns = ", ".join(f"f.{c}" for c in _COPY)
    return f"""
        select {columns}, {_figures("f")} || list_transform(coalesce(f.votes, []), lambda v: {_of_choice("v")}) as figures
        from form f
        join repeated r using (form_no)
        where not r.differs and (r.is_first or r.is_older)
    """  # noqa: S608 (declared names)


def in_tables() -> str:
    """SQL for `edits`: copies in the final tables of the forms in table `superseded`."""
    result, upload, vote = (ddl.name_of(one) for one in (form_tables()[1], form_tables()[2], vote_table()))
    where = (*KEY, "source_file", "source_row")
    same = ", ".join(where)
    return f"""
        with wanted as (select distinct {", ".join(KEY)} from superseded),
        choice as (
            select {same}, list({_of_choice("v")}) as choices
            from {vote} v semi join wanted using ({", ".join(KEY)})
            group by {same}
        )
        select
            {", ".join(where)}, r.province_code, u.published_at,
            {_figures("r")} || coalesce(c.choices, []) as figures
        from {result} r
        semi join wanted using ({", ".join(KEY)})
        left join {upload} u using ({same})
        left join choice c using ({same})
    """  # noqa: S608 (declared names)


def latest_known(found: list[pd.DataFrame]) -> pd.DataFrame:
    """Return one row per edit; if several texts show it, the row whose two copies are closest in time."""
    rows = pd.concat(found, ignore_index=True)
    key = list(table("core.result_change").primary_key)
    rows = rows.sort_values([*key, "first_seen"], kind="stable")
    return rows.drop_duplicates(key, keep="last").reset_index(drop=True)


def _figures(of: str) -> str:
    listed = (
        f"{{'field': '{f.name}', 'figure': {of}.{quote(f.name)}::bigint}}"
        for f in form_tables()[1].fields
        if f.type == "integer" and f.name != "source_row"
    )
    return f"[{', '.join(listed)}]"


def _of_choice(v: str) -> str:
    return f"{{'field': 'votes.' || {v}.kind || '.' || {v}.option_id, 'figure': {v}.votes::bigint}}"
