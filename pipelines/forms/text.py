"""The text of result forms as one view of our columns, with the areas resolved; no types are converted yet."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from ..catalog.forms import LINE, NAMES, FormText, form_columns
from ..catalog.sql import quote
from ..catalog.vocabulary import AREA_LEVELS
from .votes import pair_columns, text_votes

_LEVELS = AREA_LEVELS


def give(con: duckdb.DuckDBPyConnection, references: Mapping[str, pd.DataFrame]) -> None:
    """Load the tables that foreign keys reference, once per connection:
    joining with frames costs more each time."""
    for name, frame in references.items():
        con.register("given", frame)
        con.execute(f"create temp table if not exists given_{name.replace('.', '_')} as select * from given")  # noqa: S608
        con.unregister("given")


def read_text(con: duckdb.DuckDBPyConnection, text: FormText) -> None:
    """Create table `raw`: the records as written, and placeholders of malformed lines."""
    con.execute(f"create or replace temp table raw as {text.rows}")


def view_text(con: duckdb.DuckDBPyConnection, text: FormText, names: pd.DataFrame | None) -> None:
    """Create view `text_form` over `raw`: our columns, still text except for computed ones.

    Args:
        names: for forms with area names: province, regency, district, village, area_code.
    """
    wanted = {c: text.columns.get(c, "null") for c in form_columns() if c not in COMPUTED}
    columns = ", ".join(f"nullif(cast({sql} as varchar), '') as {quote(c)}" for c, sql in wanted.items())
    pairs = "".join(
        f"nullif(cast({sql} as varchar), '') as {column}, "
        for sql, column in zip(text.pairs.values(), pair_columns(text).values(), strict=True)
    )
    con.register("given_lines", pd.DataFrame({"line": pd.Series(text.unreadable, dtype="int64")}))
    con.execute("create or replace temp table unreadable as select * from given_lines")
    con.unregister("given_lines")
    con.execute(
        f"create or replace temp view text_raw as select {columns}, {text_votes(text)} as votes, {pairs}"  # noqa: S608
        f"{text.source_file} as source_file, cast({text.source_row} as bigint) as source_row, "
        f"{text.piece} as piece, rowid as form_no from raw"
        + (f" where {LINE} not in (select line from unreadable)" if text.unreadable else "")  # noqa: S608
    )
    if text.areas == NAMES:
        con.register("given_names", names if names is not None else _no_names())
        # DuckDB would not infer text for a frame with only missing values.
        columns = ", ".join(f"cast({c} as varchar) as {c}" for c in (*_LEVELS, "area_code"))
        con.execute(f"create or replace temp table names as select {columns} from given_names")  # noqa: S608 (constants)
        con.unregister("given_names")
    con.execute(_BY_NAME if text.areas == NAMES else _BY_CODE)


# Area columns that are looked up where a text gives area names.
AREA_CODES = ("province_code", "regency_code", "district_code", "village_code")
# Columns that no text contains.
COMPUTED = ("area_code", "is_overseas", "is_special")
_SPECIAL = (
    "coalesce(try_cast(t.tps as integer) >= 901, false) and not coalesce(t.province_code = '99', false)"
)
_BY_CODE = f"""
create or replace temp view text_form as
select
    t.* exclude (district_code, regency_code),
    d.area_code as district_code,
    r.area_code as regency_code,
    coalesce(v.area_code, d.area_code, r.area_code) as area_code,
    coalesce(t.province_code = '99', false) as is_overseas,
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
    coalesce(t.province_code = '99', false) as is_overseas,
    {_SPECIAL} as is_special
from t
"""  # noqa: S608 (constants)


def distinct_names(con: duckdb.DuckDBPyConnection, text: FormText) -> pd.DataFrame:
    """Return province, regency, district, village (as written) and n_tps of every village named in table `raw`."""
    listed = ", ".join(f"nullif({text.columns[c]}, '') as {c}" for c in _LEVELS)
    return con.execute(
        f"select *, count(*) as n_tps from (select {listed} from raw) "  # noqa: S608 (declared)
        "where province is not null group by all order by all"
    ).df()


def _no_names() -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series([], dtype="str") for c in (*_LEVELS, "area_code")})
