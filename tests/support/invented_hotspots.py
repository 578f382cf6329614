"""Invented rows of the hotspot marts: Jakarta known in full at two elections, the nation in part at one."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.support.invented import put

NAMES = {
    "31": "Daerah Khusus Ibukota Jakarta",
    "3171": "Kota Administrasi Jakarta Pusat",
    "3175": "Kota Administrasi Jakarta Timur",
    "73": "Sulawesi Selatan",
    "7371": "Kota Makassar",
    "317101": "Gambir",
    "317107": "Tanah Abang",
}
LEVEL = {2: "province", 4: "regency", 6: "district"}


def key(scope: str, outcome: str, area: str) -> dict[str, Any]:
    """Columns that most hotspot marts begin with."""
    return {"scope_code": scope, "outcome": outcome, "area_code": area, "area_name": NAMES[area],
            "level": LEVEL[len(area)]}  # fmt: skip


def hotspot(scope: str, election: str, outcome: str, area: str, count: int, **more: Any) -> dict[str, Any]:
    """A row of mart.hotspots."""
    row = key(scope, outcome, area) | {"election_id": election, "unit": "incident", "count": count}
    row |= {"n_tps_affected": count, "exposure": 3000.0, "expected": 1.0, "coverage": "complete"}
    row |= {
        "eb_ratio": 1.5 * count,
        "eb_low": 0.5 * count,
        "eb_high": 3.0 * count,
        "eb_rate": 0.4,
        "p_above_2": 0.3,
    }
    row |= {"rank_expected": 3.0 - count, "rank_low": 1.0, "rank_high": 2.0, "p_top": 1.0, "p_value": 0.01}
    row |= {"q_value": 0.02, "q_high": 0.02, "q_merged": 0.3, "is_comparable": True, "is_supported": False}
    row |= {"count_high": count, "count_merged": count, "state": row["coverage"], "evidence": "no_statement"}
    row |= {"located_share": 1.0, "official_total": 3.0, "tps_per_incident": 1.2, "tipping_total": 2.0}
    return row | more


def _hotspots(con: duckdb.DuckDBPyConnection) -> None:
    for election in ("pemilu-2019", "pemilu-2024"):
        for area, count in (("3171", 2), ("3175", 1), ("317107", 2), ("317101", 0)):
            put(con, "mart.hotspots", hotspot("31", election, "psu", area, count))
    flood = {"n_tps_affected": 19, "p_value": 0.0004, "is_supported": True}
    put(con, "mart.hotspots", hotspot("31", "pemilu-2024", "psl", "3171", 4, **flood))
    partly = {
        "coverage": "at_least",
        "state": "at_least",
        "rank_expected": None,
        "rank_low": None,
        "rank_high": None,
    }
    for area, count in (("31", 1), ("73", 20), ("3171", 1), ("3175", 0), ("7371", 20)):
        put(con, "mart.hotspots", hotspot("00", "pemilu-2024", "psu", area, count, **partly))
    late = {"unit": "unit", "is_comparable": False, "p_value": None, "q_value": None, "q_high": None}
    put(con, "mart.hotspots", hotspot("00", "pemilu-2019", "late_recap", "3175", 1, **late))
    classes = [
        ("31", "psu", "3171", 8, 2.5, "watch_list", 6), ("31", "psu", "3175", 9, 6.6, "confirmed_several", 6),
        ("31", "psu", "317107", 2, 0.4, "supported_once", 6), ("31", "psu", "317101", 0, 0.2, "no_statement", 6),
        ("31", "psl", "3171", 4, 0.6, "watch_list", 1), ("00", "psu", "31", 1, 27.7, "no_statement", 1),
        ("00", "psu", "73", 20, 3.6, "watch_list", 1), ("00", "psu", "7371", 20, 3.6, "watch_list", 1),
    ]  # fmt: skip
    for scope, outcome, area, count, expected, evidence, n in classes:
        row = key(scope, outcome, area) | {
            "n_elections": n,
            "n_known": n,
            "n_supported": 0,
            "total_count": count,
        }
        row |= {"total_count_high": count, "total_expected": expected, "kind": "never", "evidence": evidence}
        put(con, "mart.persistence", row)
    for area, mean in (("3171", 2.4), ("3175", 1.3), ("317107", 2.4), ("317101", 2.4)):
        row = key("31", "psu", area) | {"propensity": mean, "propensity_low": 0.7, "propensity_high": 3.5}
        row |= {"p_least": 0.64, "spread_lasting": 0.7, "spread_elections": 1.1, "n_elections": 6}
        put(con, "mart.propensity", row | {"evidence": "watch_list"})


def _clusters(con: duckdb.DuckDBPyConnection) -> None:
    row = key("31", "psu", "3171") | {"election_id": "pemilu-2024", "method": "tree", "cluster_rank": 1}
    del row["level"]
    row |= {"member_codes": "317101;317107", "n_members": 2, "unit": "incident", "count": 4, "expected": 0.6}
    row |= {"llr": 6.1, "p_poisson": 0.002, "p_value": 0.231, "replicates": 999, "is_complete": True}
    put(con, "mart.clusters", row | {"is_supported": False})
    nation = row | {"scope_code": "00", "method": "circle", "area_code": "7371", "area_name": "Kota Makassar"}
    nation |= {"member_codes": "7371", "radius_km": 32.3, "p_poisson": 0.001, "is_complete": False}
    put(con, "mart.clusters", nation)


def _grounds(con: duckdb.DuckDBPyConnection) -> None:
    for code, n, flagged in (("ineligible_voter", 7, True), ("unknown", 3, False)):
        row = key("31", "psu", "3171") | {
            "ground_code": code,
            "n_incidents": n,
            "share": 0.7,
            "share_low": 0.4,
        }
        row |= {
            "ground_id": f"Alasan {code}",
            "ground_en": f"Ground {code}",
            "share_high": 0.9,
            "expected": 2.0,
        }
        put(
            con,
            "mart.ground_profile",
            row | {"lift": 2.5, "eb05": 1.6, "is_flagged": flagged, "global_p_value": 0.37},
        )


def _backtest(con: duckdb.DuckDBPyConnection) -> None:
    for election, cases in (("pemilu-2019", 10), ("pemilu-2024", 1), ("pilkada-2024", 0)):
        for method, value in (("cascade", 0.26), ("last_two", 0.30), ("random", 0.2)):
            for at in (0.05, 0.1, 0.2):
                row = {
                    "scope_code": "31",
                    "outcome": "psu",
                    "level": "district",
                    "election_id": election,
                }
                row |= {"method": method, "is_ours": method == "cascade", "metric": "hit_rate", "cutoff": at}
                row |= {
                    "value": value * at / 0.2 if cases else None,
                    "best_baseline": "last_two" if cases else None,
                }
                row |= (
                    {"difference": value - 0.30, "difference_low": -0.25, "difference_high": 0.62}
                    if cases
                    else {}
                )
                put(con, "mart.backtest", row | {"n_train": 3, "n_areas": 44, "n_cases": cases})


def _spread(con: duckdb.DuckDBPyConnection) -> None:
    for scope, level, ratio in (("31", "regency", 5.4), ("31", "district", None), ("00", "regency", 8.3)):
        row = {"scope_code": scope, "election_id": "pemilu-2024", "outcome": "psu", "level": level}
        put(con, "mart.resolution", row | {"unit": "incident", "median_exposure": 897.5, "base_rate": 0.9,
                                           "detectable_ratio": ratio, "is_comparable": True})  # fmt: skip
        put(con, "mart.dispersion", row | {"unit": "incident", "n_areas": 514, "n_known": 89,
                                           "total_count_high": 300, "is_complete": False, "total_count": 277,
                                           "variance_ratio": 10.8, "shape_k": 0.08, "n_hit": 83,
                                           "n_hit_expected": 174.29, "is_comparable": True})  # fmt: skip
    for point in (1, 2, 3):
        row = {
            "scope_code": "00",
            "election_id": "pemilu-2024",
            "outcome": "psu",
            "level": "regency",
        }
        row |= {
            "point": point,
            "exposure": 100.0 * 10**point,
            "rate": 0.9,
            "low_95": 0.0,
            "high_95": 2.0 / point,
        }
        put(con, "mart.funnel", row | {"low_998": 0.0, "high_998": 5.0 / point, "shape_k": 0.08})


def fill_hotspots(con: duckdb.DuckDBPyConnection) -> None:
    """All invented rows of the hotspot marts."""
    for part in (_hotspots, _clusters, _grounds, _backtest, _spread):
        part(con)
