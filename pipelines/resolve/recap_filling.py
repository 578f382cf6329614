"""Progress of recapitulation: how many of the units listed in a snapshot were in, new, or changed."""

from __future__ import annotations

import pandas as pd

from ..catalog import columns
from ..catalog.vocabulary import AREA_LEVELS
from .area_names import resolve_names
from .claim_tree import NATION

COLUMNS = columns("mart.recap_filling")
_KEY = ["election_id", "contest", "unit_level"]
_COUNTS = ("n_units", "n_in", "n_missing", "n_new", "n_changed", "n_withdrawn", "n_unplaced")


def recap_filling(progress: pd.DataFrame, areas: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Return the units by area and hour.

    Args:
        progress: core.recap_progress.
        areas: ref.areas. lineage: ref.area_lineage, for names of that time.

    Returns:
        Frame with `COLUMNS`: the nation and each province at each hour of a snapshot. Comparisons with the
        previous snapshot are missing (NA) in the first one. A unit that a snapshot does not list is not counted
        in it.
    """
    if progress.empty:
        return pd.DataFrame(columns=COLUMNS)
    units = progress.rename(columns={"level": "unit_level"}).assign(
        seen_hour=pd.to_datetime(progress["seen_at"]).dt.floor("h"),
        province_code=_provinces(progress, areas, lineage),
        is_in=progress["is_in"].astype(bool),
    )
    # The last of several snapshots within an hour counts.
    last = units.groupby([*_KEY, "seen_hour"])["seen_at"].transform("max")
    units = units[units["seen_at"] == last].sort_values([*_KEY, "unit", "seen_hour"], kind="stable")
    hours = units[[*_KEY, "seen_hour"]].drop_duplicates().sort_values("seen_hour")
    hours["hour_before"] = hours.groupby(_KEY)["seen_hour"].shift()
    units = units.merge(hours, on=[*_KEY, "seen_hour"])
    before = units[[*_KEY, "unit", "seen_hour", "is_in", "figures"]].rename(
        columns={"seen_hour": "hour_before", "is_in": "was_in", "figures": "figures_before"}
    )
    units = units.merge(before, on=[*_KEY, "unit", "hour_before"], how="left")
    was_in = units["was_in"].eq(True)
    units = units.assign(
        n_units=1,
        n_in=units["is_in"],
        n_missing=~units["is_in"],
        n_new=units["is_in"] & ~was_in,
        n_changed=units["is_in"]
        & was_in
        & (units["figures"].fillna("") != units["figures_before"].fillna("")),
        n_withdrawn=~units["is_in"] & was_in,
        n_unplaced=units["province_code"].isna(),
    )
    nation = units.assign(area_code=NATION)
    provinces = units[units["province_code"].notna()].assign(area_code=lambda f: f["province_code"])
    both = pd.concat([nation, provinces])
    found = both.groupby([*_KEY, "area_code", "seen_hour"], as_index=False)[list(_COUNTS)].sum()
    found = found.merge(hours, on=[*_KEY, "seen_hour"])
    for name in _COUNTS:
        found[name] = found[name].astype("Int64")
    found.loc[found["hour_before"].isna(), ["n_new", "n_changed", "n_withdrawn"]] = pd.NA
    found["in_share"] = found["n_in"].astype("float64") / found["n_units"].astype("float64")
    found["area_name"] = found["area_code"].map(areas.set_index("area_code")["name"])
    return found[COLUMNS].sort_values([*_KEY, "area_code", "seen_hour"], kind="stable").reset_index(drop=True)


def _provinces(progress: pd.DataFrame, areas: pd.DataFrame, lineage: pd.DataFrame) -> pd.Series:
    """Return the province code of every unit, by its code or its name; NA where neither is known."""
    coded = progress["unit_code"].where(progress["unit_code"].notna() & (progress["unit_code"] != "")).str[:2]
    names = progress[["province"]].drop_duplicates().dropna()
    chains = pd.DataFrame(
        {level: names["province"] if level == AREA_LEVELS[0] else "" for level in AREA_LEVELS}
    )
    found = resolve_names(chains.assign(n_tps=0), areas, lineage)
    by_name = dict(zip(found["province"], found["area_code"], strict=True))
    known = set(areas.loc[areas["level"] == AREA_LEVELS[0], "area_code"].astype(str))
    placed = coded.fillna(progress["province"].map(by_name)).astype("object")
    return placed.where(placed.isin(known))
