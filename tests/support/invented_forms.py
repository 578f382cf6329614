"""Invented result forms of two districts, audited by the real statements, and what their marts say of incidents."""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines import catalog
from pipelines.marts import Release, forms, poll_close
from tests.support.invented import put

GOOD = {
    "dpt_total": 250, "dpt_male": 120, "dpt_female": 130, "dpt_users_total": 190, "dpt_users_male": 90,
    "dpt_users_female": 100, "dptb_users_total": 6, "dptb_users_male": 3, "dptb_users_female": 3,
    "dpk_users_total": 4, "dpk_users_male": 2, "dpk_users_female": 2, "users_total": 200, "users_male": 95,
    "users_female": 105, "votes_valid": 195, "votes_invalid": 5, "votes_total": 200,
}  # fmt: skip
ELECTION, CONTEST = "pemilu-2024", "ppwp"


def station(con: duckdb.DuckDBPyConnection, tps: str, first: str | None, figures: dict[str, Any]) -> None:
    """One station of Jakarta Pusat with its form; no figures at all where `figures` is empty."""
    keys = {
        "election_id": ELECTION,
        "tps_id": tps,
        "province_code": "31",
        "source_file": "sirekap-2024/31.csv",
    }
    place = {"regency_code": "3171", "district_code": tps[:6], "village_code": tps[:10], "tps": tps[10:]}
    named = {"district": "tanah-abang" if tps[5] == "7" else "gambir", "village": "kebon-<b>kacang"}
    put(con, "core.tps", keys | place | named)
    put(con, "core.result", keys | {"contest": CONTEST} | figures)
    published = "2024-03-04 10:00:00"
    put(con, "core.upload", keys | {"contest": CONTEST, "first_upload": first, "published_at": published})
    if figures:
        for option, votes in (("a", 80), ("b", 90), ("c", 25)):
            choice = {"contest": CONTEST, "kind": "pair", "option_id": option, "votes": votes}
            put(con, "core.vote", keys | choice)


def fill_forms(con: duckdb.DuckDBPyConnection) -> None:
    """Gambir: six good forms. Tanah Abang: two that disagree, one without figures and without upload."""
    for number in range(1, 7):
        station(con, f"3171011001{number:03d}", "2024-02-14 19:00:00", GOOD)
    station(con, "3171071001001", "2024-02-15 13:01:00", GOOD | {"users_total": 1_201, "votes_invalid": 6})
    station(con, "3171071001002", "2024-02-18 13:00:00", GOOD | {"dpt_male": 121})
    station(con, "3171071001003", None, {})
    put(con, "core.exposure_resolution", {"election_id": ELECTION, "area_code": "31", "n_tps": 30_766})
    audit(con)


def audit(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the marts of forms from the core tables, by the statements of the job."""

    def read(name: str) -> Any:
        return con.execute(f"select * from {name}").df()

    selects = forms.selects()
    for name in ("mart.form_audit", "core.form_count", "mart.form_worst", "mart.form_worst_figure"):
        _insert(con, name, selects[name])
    release = Release(1)
    for name, frame in (forms.build(read, release) | poll_close.build(read, release)).items():
        con.register("incoming", frame)
        _insert(con, name, "select * from incoming")
        con.unregister("incoming")
    _insert(con, "mart.upload_area", catalog.table("mart.upload_area").sql)


def _insert(con: duckdb.DuckDBPyConnection, name: str, select: str) -> None:
    columns = ", ".join(catalog.table(name).field_names)
    con.execute(f"insert into {name} ({columns}) select {columns} from ({select})")


def fill_incidents(con: duckdb.DuckDBPyConnection) -> None:
    """A re-vote whose form was read, one whose form has no figures, one not found; and signals of every kind."""
    place = {"outcome": "psu", "status": "held", "election_id": ELECTION, "village_name": "Kebon Kacang"}
    read = {"match": "code", "contest": CONTEST, "n_errors": 1, "n_flags": 0}
    rows = [
        {"incident_id": "l1", "area_code": "3171071001", "tps": "001", "tps_id": "3171071001001", "turnout": 0.8,
         "turnout_gap": 0.05, "hours_to_upload": 37, "n_evaluable": 20, "failed_rules": "E8"} | read,
        {"incident_id": "l2", "area_code": "3171071001", "tps": "003", "tps_id": "3171071001003",
         "n_evaluable": 0} | read,
        {"incident_id": "l3", "area_code": "3171071001", "tps": "999", "match": "none"},
    ]  # fmt: skip
    put(con, "mart.incident_forms", *(place | row for row in rows))
    signal = {"election_id": ELECTION, "contest": CONTEST, "outcome": "psu", "n_others": 1_000}
    for name, auc, low, high, cases, regencies in (
        ("turnout", 0.7, 0.6, 0.8, 20, 9), ("n_errors", 0.5, 0.4, 0.6, 20, 9), ("dpk_share", 0.3, 0.2, 0.4, 20, 9),
        ("n_flags", 0.9, None, None, 20, 1), ("dptb_share", 0.9, 0.8, 1.0, 20, 3),
        ("invalid_share", 0.9, 0.8, 1.0, 2, 9),
    ):  # fmt: skip
        row = {"signal": name, "auc": auc, "auc_low": low, "auc_high": high, "n_cases": cases}
        put(con, "mart.form_separation", signal | row | {"n_regencies": regencies})


def fill_edits(con: duckdb.DuckDBPyConnection) -> None:
    """Edits of two results, one of which is in no loaded form."""
    for level, area, n_tps in (("national", "00", 9), ("province", "31", 9), ("regency", "3171", None)):
        row = {"election_id": ELECTION, "contest": CONTEST, "level": level, "area_code": area, "n_tps": n_tps}
        row |= {"n_tps_changed": 2, "n_edits": 3, "n_withdrawn": 1, "n_vote_edits": 2, "n_votes_moved": 105}
        seen = {"first_changed": "2024-02-18 00:00:00", "last_changed": "2024-02-20 01:00:00"}
        put(con, "mart.result_change_area", row | {"largest_change": 100} | seen)
