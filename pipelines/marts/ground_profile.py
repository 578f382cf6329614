"""mart.ground_profile: which grounds are over-represented where, from located incidents."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.stats import ground_profile

from . import Read, Release
from .located import events

OUTCOME = "psu"
# Grounds are compared between the provinces of the nation and between the regencies of a province.
LEVELS = {"00": ("province", 2), "province": ("regency", 4)}
# With fewer incidents, a table of areas by grounds adds nothing to the list of incidents.
MIN_INCIDENTS = 20
APART = True


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return profiles of the nation and every province with enough located incidents, pooled over elections."""
    areas, grounds = read("ref.areas").set_index("area_code"), read("ref.grounds").set_index("ground_code")
    found = events(read("core.incident"))
    # A province that was split later is not an area today, and the nation is not a place.
    is_place = (found["area_code"] != "00") & ~found["area_code"].str.contains("-")
    found = found[(found["outcome"] == OUTCOME) & is_place].reset_index(drop=True)
    found["incident"] = found.index.astype("str")
    tables = []
    scopes = ["00", *areas.index[areas["level"] == "province"]]
    for scope in scopes:
        level, length = LEVELS.get(scope, LEVELS["province"])
        inside = found[
            (found["area_code"].str.len() >= length) & (scope == "00" or found["area_code"].str[:2] == scope)
        ]
        if len(inside) < MIN_INCIDENTS:
            continue
        rows = pd.DataFrame(
            {
                "incident": inside["incident"],
                "area": inside["area_code"].str[:length],
                "ground": inside["ground_code"].where(inside["ground_code"] != "unknown", None),
            }
        )
        profile = ground_profile(rows, seed=release.seed)
        tables.append(profile.table.assign(scope_code=scope, level=level, global_p_value=profile.p_value))
    if not tables:
        return {"mart.ground_profile": pd.DataFrame()}
    frame = pd.concat(tables, ignore_index=True).rename(
        columns={"area": "area_code", "ground": "ground_code"}
    )
    frame = frame[frame["n_incidents"] > 0].assign(outcome=OUTCOME)
    frame["area_name"] = frame["area_code"].map(areas["name"])
    for lang in dict.fromkeys(language.columns for language in LANGUAGES.values()):
        frame[f"ground_{lang}"] = frame["ground_code"].map(grounds[f"label_{lang}"])
    numbers = frame.select_dtypes("float").columns
    frame[numbers] = frame[numbers].round(6)
    return {"mart.ground_profile": frame}
