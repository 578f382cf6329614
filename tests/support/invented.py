"""Invented rows shaped like real ones, marked as simulated, in tables made from the catalog."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb

from pipelines import catalog

D = dt.date
SOURCE = {
    "source_url": "https://example.org/psu-2024",
    "source_title": "KPU gelar PSU (contoh)",
    "source_date": D(2024, 2, 24),
}


def put(con: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    """Insert rows; columns that are not named stay empty."""
    names = catalog.table(table).field_names
    for row in rows:
        assert row.keys() <= set(names), f"{table} has no {row.keys() - set(names)}"
        marks = ", ".join("?" * len(names))
        con.execute(f"insert into {table} values ({marks})", [row.get(name) for name in names])


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Empty tables for the whole catalog, columns and types only."""
    for layer in ("ref", "core", "mart", "meta"):
        con.execute(f"create schema if not exists {layer}")
    for table in catalog.load():
        columns = ", ".join(f'"{field.name}" {field.sql_type}' for field in table.fields)
        con.execute(f"create table {table.full_name} ({columns})")


def _references(con: duckdb.DuckDBPyConnection) -> None:
    areas = [
        ("00", "national", "Indonesia", None),
        ("31", "province", "Daerah Khusus Ibukota Jakarta", None),
        ("3171", "regency", "Kota Administrasi Jakarta Pusat", "31"),
        ("3175", "regency", "Kota Administrasi Jakarta Timur", "31"),
        ("317107", "district", "Tanah Abang", "3171"),
        ("317101", "district", "Gambir", "3171"),
        ("73", "province", "Sulawesi Selatan", None),
        ("7371", "regency", "Kota Makassar", "73"),
        ("64", "province", "Kalimantan Timur", None),
        ("64-2015", "former_province", "Kalimantan Timur (sebelum pemekaran)", None),
    ]
    for code, level, name, parent in areas:
        put(con, "ref.areas", {"area_code": code, "level": level, "name": name, "parent_code": parent})
    elections = [
        ("pilpres-2014", "Pemilu Presiden 2014", "Presidential election 2014", "presidential", D(2014, 7, 9)),
        (
            "pilkada-2017-r2",
            "Pilkada DKI 2017 (putaran 2)",
            "Jakarta run-off 2017",
            "regional",
            D(2017, 4, 19),
        ),
        ("pemilu-2019", "Pemilu Serentak 2019", "General election 2019", "general", D(2019, 4, 17)),
        ("pemilu-2024", "Pemilu Serentak 2024", "General election 2024", "general", D(2024, 2, 14)),
        ("pilkada-2024", "Pilkada Serentak 2024", "Regional elections 2024", "regional", D(2024, 11, 27)),
    ]
    for key, name_id, name_en, kind, day in elections:
        row = {"election_id": key, "name_id": name_id, "name_en": name_en, "kind": kind, "voting_date": day}
        put(con, "ref.elections", row | {"ballots": "ppwp", "scope": "national"})

    laws(con)


def law(election: str, subject: str, ground: str | None, citation: str = "", **more: Any) -> dict[str, Any]:
    """A row of ref.law_in_force; without a citation none is known."""
    row = {"law_id": "/".join(filter(None, (election, subject, ground))), "election_id": election}
    row |= {"subject": subject, "ground_code": ground, "contest_group": "all", "regime_id": election}
    row |= {"family": "regional" if election.startswith("pilkada") else "national"}
    row |= {"is_coming": election in ("pemilu-2024", "pilkada-2024"), "state": "uncited"}
    if citation:
        row |= {
            "state": "cited",
            "rule": citation.split(" pasal")[0],
            "citation": citation,
            "confidence": "high",
        }
    return row | more


def laws(con: duckdb.DuckDBPyConnection) -> None:
    """Articles of two general elections and of one regional election."""
    must = {"force": "must", "wording_id": "Wajib diulang (contoh)", "wording_en": "Must repeat (example)"}
    may = {"force": "may", "wording_id": "Dapat diulang (contoh)", "wording_en": "May repeat (example)"}
    put(
        con,
        "ref.law_in_force",
        law("pemilu-2019", "psu", "ineligible_voter", "UU 7/2017 pasal 372(2)d", **must),
        law("pemilu-2024", "psu", "ineligible_voter", "UU 7/2017 pasal 372(2)d", **must),
        law("pemilu-2024", "psu", "unrest", "UU 7/2017 pasal 372(1)", **may),
        law("pemilu-2024", "psu", "procedure_other"),
        law("pemilu-2024", "pss", "disaster", "PKPU 25/2023 pasal 110(1), 111(1)", force="must"),
        law("pemilu-2024", "pssu", "count_mismatch", "UU 7/2017 pasal 374(2)h", **may),
        law("pemilu-2024", "recap_window", None, "UU 7/2017 pasal 413(1)-(3)", force="must"),
        law("pilkada-2024", "psu", "ineligible_voter", "PKPU 17/2024 pasal 50(3)e", **may),
        law("pilkada-2024", "pssu", "count_mismatch", state="not_listed", rule="UU 1/2015"),
    )


def zero(
    election: str,
    day: dt.date,
    area: str,
    name: str,
    outcome: str,
    value: int | None,
    coverage: str,
    **more: Any,
) -> dict[str, Any]:
    """A row of mart.three_zeros."""
    level = {2: "province", 4: "regency", 6: "district"}[len(area)] if area != "00" else "national"
    row = {"election_id": election, "voting_date": day, "area_code": area, "area_name": name, "level": level}
    row |= {"outcome": outcome, "value": value, "coverage": coverage, "target": 0, "rests_on": "claim"}
    return row | (SOURCE_OF_ZERO if value is not None else {}) | more


SOURCE_OF_ZERO = {k: v for k, v in SOURCE.items() if k != "source_date"} | {"claim_date": D(2024, 2, 24)}
DAYS = {
    "pilpres-2014": D(2014, 7, 9), "pilkada-2017-r2": D(2017, 4, 19), "pemilu-2019": D(2019, 4, 17),
    "pemilu-2024": D(2024, 2, 14), "pilkada-2024": D(2024, 11, 27),
}  # fmt: skip


def _zeros(con: duckdb.DuckDBPyConnection) -> None:
    known = {
        "31": {
            "pilpres-2014": 13,
            "pilkada-2017-r2": 2,
            "pemilu-2019": 11,
            "pemilu-2024": 1,
            "pilkada-2024": 0,
        },
        "3171": {
            "pilpres-2014": 4,
            "pilkada-2017-r2": 1,
            "pemilu-2019": 2,
            "pemilu-2024": 1,
            "pilkada-2024": 0,
        },
        "00": {"pemilu-2019": None, "pemilu-2024": 738, "pilkada-2024": 249},
        "7371": {"pemilu-2024": 20},
    }
    names = {
        "31": "DKI Jakarta",
        "3171": "Kota Administrasi Jakarta Pusat",
        "00": "Indonesia",
        "7371": "Kota Makassar",
    }
    for area, values in known.items():
        for election, day in DAYS.items():
            value = values.get(election)
            state = "no_data" if value is None else "at_least" if area == "7371" else "complete"
            size = {"31": 30766, "3171": 3014, "00": 823236, "7371": 4004}[area]
            put(
                con,
                "mart.three_zeros",
                zero(election, day, area, names[area], "psu", value, state, n_tps=size),
            )
            for outcome in ("psl", "pss", "pssu", "psu_court"):
                put(
                    con,
                    "mart.three_zeros",
                    zero(election, day, area, names[area], outcome, None, "no_data", n_tps=size),
                )
            late = 1 if election == "pemilu-2019" else None
            put(con, "mart.three_zeros",
                zero(election, day, area, names[area], "late_recap", late, "at_least" if late else "no_data"),
                zero(election, day, area, names[area], "dispute", 12345 if area == "00" and value else None,
                     "complete" if area == "00" and value else "no_data"))  # fmt: skip
            if value is not None:
                row = {
                    "election_id": election,
                    "area_code": area,
                    "level": "regency",
                    "area_name": names[area],
                }
                row |= {"outcome": "psu", "count": value, "exposure": size, "coverage": state}
                put(con, "mart.rates", row | {"rate": value / size * 1000, "rate_low": 0.0, "rate_high": 1.5})


def _facts(con: duckdb.DuckDBPyConnection) -> None:
    place = {"area_code": "3171", "level": "tps", "area_name": "Kota Administrasi Jakarta Pusat"}
    place |= {
        "province_code": "31",
        "regency_code": "3171",
        "regency_name": "Kota Administrasi Jakarta Pusat",
    }
    ground = {
        "ground_code": "ineligible_voter",
        "ground_id": "Pemilih tidak terdaftar",
        "ground_en": "Voter on no list",
    }
    for status, tps, ballots in (("held", "071", "dpr;ppwp"), ("refused", "028", None), ("held", None, None)):
        row = {
            "incident_id": f"leaf-{tps}",
            "is_within": False,
            "election_id": "pemilu-2024",
            "outcome": "psu",
        }
        row |= {"status": status, "tps": tps, "ballots": ballots, "n_tps": 1 if tps else 3}
        row |= {
            "district_name": "Tanah Abang",
            "village_name": "Bendungan Hilir",
            "law_id": "pemilu-2024/psu/ineligible_voter",
        }
        step = {f"{status}_date": D(2024, 2, 24), f"{status}_basis": "kpu"}
        put(con, "mart.incidents", place | ground | row | step | {"date_held": D(2024, 2, 24)} | SOURCE)
    unit = {
        "election_id": "pemilu-2019",
        "province_code": "31",
        "is_unit": True,
        "deadline_basis": "regulation",
    }
    unit |= {
        "start_date": D(2019, 4, 22),
        "deadline": D(2019, 5, 7),
        "extended_to": D(2019, 5, 10),
        "n_statements": 1,
    }
    for code, name, kind, done, days, verdict in (
        ("3171", "Kota Administrasi Jakarta Pusat", "upper_bound", D(2019, 5, 9), 2, "undecided"),
        ("3175", "Kota Administrasi Jakarta Timur", "open_late", None, 6, "late_at_least"),
        ("3172", "Kota Administrasi Jakarta Utara", "exact", D(2019, 5, 13), 6, "late"),
        ("3173", "Kota Administrasi Jakarta Barat", "unknown", None, None, "no_verdict"),
    ):
        row = {"area_code": code, "level": "regency", "area_name": name, "milestone": "recap_regency"}
        row |= {"date_kind": kind, "date_completed": done, "days_late": days, "verdict": verdict}
        row |= {
            "days_late_extension": days and days - 3,
            "verdict_extension": verdict,
            "tps_per_district": 376.75,
        }
        put(con, "mart.recap_timeliness", unit | row | SOURCE)
    case = {"dispute_id": "d1", "case_id": "01/PHPU/2024", "election_id": "pemilu-2024", "area_code": "3171"}
    case |= {
        "area_name": "Kota Administrasi Jakarta Pusat",
        "level": "regency",
        "forum": "mk",
        "contest": "dpr",
    }
    case |= {
        "petitioner_kind": "party",
        "verdict": "granted_part",
        "order_kind": "psu;recount",
        "order_n_tps": 3,
    }
    put(con, "mart.disputes", case | {"order_scope": "Kelurahan X", "confidence": "high"} | SOURCE)
    for measure, value in (("registered", 297), ("granted", 44)):
        row = {
            "election_id": "pemilu-2024",
            "area_code": "00",
            "level": "national",
            "contest_group": "legislative",
        }
        row |= {
            "measure": measure,
            "value": value,
            "coverage": "complete",
            "rests_on": "claim",
            "n_cases": 40,
        }
        put(con, "mart.dispute_counts", row | SOURCE)
    for rank, (code, name, rate) in enumerate(
        [("317107", "Tanah Abang", 2.31), ("317101", "Gambir", 0.9)], 1
    ):
        row = {"parent_code": "3171", "rank": rank, "area_code": code, "area_name": name, "level": "district"}
        row |= {"count": 3, "exposure": 3310, "n_elections": 2, "n_late": 0, "n_disputes": 0}
        row |= {
            "scope_code": "31",
            "basis": "propensity",
            "evidence": "watch_list" if rank == 1 else "no_statement",
        }
        row |= {"rule": "estimate", "score": rate}
        put(
            con, "mart.first_places", row | {"relative_rate": rate, "relative_low": 0.6, "relative_high": 5.4}
        )


def _meta(con: duckdb.DuckDBPyConnection) -> None:
    coverage = {
        "election_id": "pemilu-2024",
        "area_code": "31",
        "level": "province",
        "area_name": "DKI Jakarta",
    }
    coverage |= {"outcome": "psu", "coverage": "complete", "value": 1, "n_regency": 6, "n_complete": 6}
    coverage |= {
        "n_at_least": 0,
        "n_no_data": 0,
        "n_steps_only": 0,
        "n_unlocated": 0,
        "expected_count": 1,
        "difference": 0,
    }
    put(con, "mart.coverage", coverage, coverage | {"outcome": "pss", "coverage": "no_data"} | dict.fromkeys(
        ("value", "expected_count", "difference", "n_unlocated")))  # fmt: skip
    conflict = {"conflict_id": "c1", "subject": "revote", "election_id": "pilpres-2014", "area_code": "3171"}
    conflict |= {
        "level": "regency",
        "area_name": "Kota Administrasi Jakarta Pusat",
        "outcome": "psu",
        "measure": "held",
    }
    conflict |= {
        "chosen_value": "4",
        "chosen_claim_id": "c4",
        "chosen_basis": "kpu",
        "other_value": "5",
        "other_claim_id": "c5",
        "other_basis": "bawaslu",
        "other_date": D(2014, 7, 15),
        "other_url": "https://example.org/lima",
        "other_title": "Lima TPS",
    }
    put(con, "mart.conflicts", conflict | {"reason": "superseded_by_later_claim"})
    check = {"table_name": "core.revote_claim", "rule": "row count", "kind": "table", "severity": "stop"}
    warning = {"check_id": "b", "status": "warn", "severity": "warn", "n_failed": 2, "observed": "2418"}
    warning |= {"expected": "2420", "message_id": "Dua baris kurang.", "message_en": "Two rows short."}
    put(con, "meta.checks", check | {"check_id": "a", "status": "pass"}, check | warning)
    problem = {"problem_no": 1, "table_name": "core.revote_claim", "source_file": "register/revotes.csv"}
    problem |= {
        "source_row": 12,
        "rule": "known_area",
        "disposition": "quarantined",
        "column_name": "area_code",
    }
    problem |= {"value": "9999", "message_id": "Wilayah tidak dikenal.", "message_en": "Unknown area."}
    put(con, "meta.quarantine", problem | {"raw_row": "rahasia mentah"})
    run = {"release_id": "2026-11-25-0123456789ab", "fingerprint": "0123456789abcdef" * 4, "seed": 20240214}
    run |= {"inputs_fingerprint": "fedcba9876543210" * 4}
    put(
        con,
        "meta.release",
        run | {"data_date": D(2026, 11, 25), "project_version": "0.1.0", "is_simulated": True},
    )


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """All invented rows."""
    from tests.support.invented_hotspots import fill_hotspots

    create(con)
    fill_hotspots(con)
    for part in (_references, _zeros, _facts, _meta):
        part(con)
