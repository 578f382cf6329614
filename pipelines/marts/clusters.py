"""mart.clusters: tree scan and circular scan of every re-vote family, under both null models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.catalog.vocabulary import FRESH_VOTES

from . import Read, Release

if TYPE_CHECKING:
    from pipelines.stats.spatial.scan_result import ScanResult

KEYS = ["scope_code", "election_id", "outcome"]
PARTS = {"core.hotspot_input": KEYS}
APART = True
REPLICATES = 999
SHOWN = 5
SUPPORT = 0.05
MAX_SHARE = 0.1
LEAF = {"00": "regency"}  # every other scope is a province: its leaves are districts


def prepare() -> None:
    """Load the compiled scans."""
    from pipelines.stats.spatial.warm import warm_up

    warm_up()


def tree(family: pd.DataFrame, leaf: str) -> pd.DataFrame:
    """Return the nodes of a scope: leaves with their cases and exposure, and the areas above them.

    Cases located only above the leaves have no exposure of their own there and are left out of the scan.
    """
    leaves = family[family["level"] == leaf]
    above = family[family["level"] != leaf]
    nodes = pd.concat(
        [
            above.assign(own=0, own_exposure=0.0, parent_label=None),
            leaves.assign(
                own=leaves["count"], own_exposure=leaves["exposure"], parent_label=leaves["parent_code"]
            ),
        ],
        ignore_index=True,
    )
    return nodes.assign(own=nodes["own"].fillna(0).astype("int64"))


def scans(family: pd.DataFrame, scope: str, areas: pd.DataFrame, seed: int) -> Iterator[dict[str, object]]:
    """Yield the rows of mart.clusters of one family, without its key."""
    from pipelines.stats import (
        circular_scan,
        tree_scan,
    )  # imported late: numba is needed only by the process that scans

    leaf = LEAF.get(scope, "district")
    if family.loc[family["level"] == leaf, "count"].sum() < 2:
        return
    nodes = tree(family, leaf)
    code = nodes["area_code"].to_numpy()
    arguments = (nodes["own"], nodes["own_exposure"], nodes["parent_label"].tolist())
    options = {"replicates": REPLICATES, "seed": seed}
    dispersed = tree_scan(*arguments, null="negative_binomial", labels=list(code), **options)
    plain = tree_scan(*arguments, null="poisson", labels=list(code), **options)
    yield from rows("tree", dispersed, plain, code)
    leaves = family[family["level"] == leaf].reset_index(drop=True)
    where = areas.reindex(leaves["area_code"])
    placed = where["latitude"].notna().to_numpy()
    at = leaves[placed].reset_index(drop=True)
    points = where.loc[placed, ["longitude", "latitude"]].to_numpy(float)
    count = at["count"].fillna(0).astype("int64")
    circle = {"max_share": MAX_SHARE, "metric": "great_circle", **options}
    # Areas of one parent share a multiplier; otherwise every parent with a high rate would look like a cluster.
    grouped = {"group": at["parent_code"].tolist()}
    dispersed = circular_scan(count, at["exposure"], points, null="negative_binomial", **grouped, **circle)
    plain = circular_scan(count, at["exposure"], points, null="poisson", **circle)
    yield from rows("circle", dispersed, plain, at["area_code"].to_numpy())


def rows(
    method: str, dispersed: ScanResult, plain: ScanResult, codes: np.ndarray
) -> Iterator[dict[str, object]]:
    """Yield the most likely clusters with p under both null models; only p differs, the zones are the same."""
    poisson = {(c.node, c.centre, c.members): c.p_value for c in plain.clusters}
    for rank, c in enumerate(dispersed.clusters[:SHOWN], 1):
        place = c.node if c.node is not None else c.centre or 0
        yield {
            "method": method,
            "cluster_rank": rank,
            "area_code": codes[place],
            "member_codes": ";".join(sorted(codes[list(c.members)])),
            "n_members": len(c.members),
            "count": c.cases,
            "expected": round(c.expected, 6),
            "relative_risk": round(c.relative_risk, 6) if np.isfinite(c.relative_risk) else None,
            "radius_km": None if c.radius is None else round(c.radius, 3),
            "llr": round(c.llr, 6),
            "p_poisson": poisson[(c.node, c.centre, c.members)],
            "p_value": c.p_value,
        }


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Scan every re-vote family that has at least two located cases."""
    areas = read("ref.areas").set_index("area_code")
    families = read("core.hotspot_input")
    families = families[families["outcome"].isin(FRESH_VOTES) & families["is_comparable"]]
    found = []
    for (scope, election, outcome), family in families.groupby(KEYS, sort=True):
        complete = bool((family["coverage"] == "complete").all())
        for row in scans(family, str(scope), areas, release.seed):
            found.append(
                {
                    **row,
                    "scope_code": scope,
                    "election_id": election,
                    "outcome": outcome,
                    "unit": family["unit"].iloc[0],
                    "replicates": REPLICATES,
                    "is_complete": complete,
                    "is_supported": complete and float(str(row["p_value"])) <= SUPPORT,
                }
            )
    frame = pd.DataFrame(found)
    if len(frame):
        frame["area_name"] = frame["area_code"].map(areas["name"])
    return {"mart.clusters": frame}
