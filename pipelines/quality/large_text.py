"""The text of result forms as one view of our columns, with the areas looked up; nothing is typed yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from ..catalog.forms import NAMES, FormText, form_columns
from .large_sql import quote


def give(con: duckdb.DuckDBPyConnection, references: Mapping[str, pd.DataFrame]) -> None:
    """The tables that foreign keys point at, once per connection: joining with frames costs more each time."""
    for name, frame in references.items():
        con.register("given", frame)
        con.execute(f"create temp table if not exists given_{name.replace('.', '_')} as select * from given")  # noqa: S608
        con.unregister("given")


def read_text(con: duckdb.DuckDBPyConnection, text: FormText, names: pd.DataFrame | None) -> None:
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
