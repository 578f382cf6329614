"""What the explorer of the entry page knows: events, whole zeros, nothing else, and nothing that ends the data block."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import duckdb
import pytest

from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.files import FORMATS, file_name
from pipelines.reporting.site.explorer import OUTCOMES, known
from pipelines.reporting.site.index import render_index
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection
RAW = Path(__file__).resolve().parents[3] / "data" / "raw"


def event(con: Con, area: str, election: str, outcome: str, n: int, is_at_least: bool = True) -> None:
    row = {"area_code": area, "level": "regency" if len(area) == 4 else "province", "election_id": election,
           "outcome": outcome, "n": n, "is_at_least": is_at_least, "voting_date": D(2024, 2, 14)}  # fmt: skip
    put(con, "mart.area_events", row)


def read(con: Con, evidence: dict[str, str] | None = None) -> dict:
    ctx = Context(con, queries.area(con, "00"), "id", queries.elections(con, "id"), queries.release(con))
    return json.loads(known(ctx, evidence or {}))


def test_events_and_whole_zeros_are_known_and_nothing_else(warehouse: Con) -> None:
    warehouse.execute("delete from mart.three_zeros")
    event(warehouse, "3171", "pemilu-2024", "psu", 12)
    event(warehouse, "3171", "pemilu-2019", "dispute", 2, is_at_least=False)
    zero = {"election_id": "pemilu-2019", "area_code": "3171", "level": "regency", "outcome": "psu", "target": 0,
            "rests_on": "claim", "area_name": "x", "voting_date": D(2019, 4, 17)}  # fmt: skip
    put(warehouse, "mart.three_zeros", zero | {"value": 0, "coverage": "complete"})
    put(warehouse, "mart.three_zeros", zero | {"value": 0, "coverage": "at_least", "outcome": "psl"})
    put(warehouse, "mart.three_zeros", zero | {"coverage": "no_data", "outcome": "pss"})
    found = read(warehouse)
    elections = [code for code, _ in found["elections"]]
    e19, e24 = elections.index("pemilu-2019"), elections.index("pemilu-2024")
    dispute = OUTCOMES.index("dispute")
    assert sorted(found["known"]["3171"].split()) == sorted(
        [f"0.{e24}.12+", f"{dispute}.{e19}.2", f"0.{e19}.0"]
    )
    assert "7371" not in found["known"]


def test_classes_of_evidence_are_those_that_occur(warehouse: Con) -> None:
    found = read(warehouse, {"3171": "watch_list", "7371": "no_statement"})
    assert [code for code, _ in found["evidence"]] == ["watch_list", "no_statement"]
    assert found["class"] == {"3171": 0, "7371": 1}


@pytest.fixture
def mapped(warehouse: Con) -> Con:
    """Two regencies on the map of the nation."""
    event(warehouse, "3171", "pemilu-2024", "psu", 12)
    for code, q in (("3171", 0), ("7371", 1)):
        tile = {"map_code": "00", "level": "regency", "area_code": code, "tile_q": q, "tile_r": 0}
        put(warehouse, "ref.tiles", tile)
    return warehouse


def test_the_page_holds_the_data_and_works_without_script(mapped: Con, tmp_path: Path) -> None:
    (path,) = render_index(mapped, ["id"], tmp_path)
    text = path.read_text(encoding="utf-8")
    assert re.search(r'<form id="explore"[^>]* hidden', text)
    assert 'data-area="3171"' in text and text.count("<script") == 2
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert block and "3171" in json.loads(block.group(1))["known"]


def test_a_hostile_name_does_not_end_the_data_block(mapped: Con, tmp_path: Path) -> None:
    mapped.execute(
        "update ref.elections set election_id = '</script><b>-2024' where election_id = 'pemilu-2024'"
    )
    mapped.execute("update mart.area_events set election_id = '</script><b>-2024'")
    (path,) = render_index(mapped, ["id"], tmp_path)
    assert "</script><b>" not in path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_entry_page_stays_small_with_every_area_and_every_file(warehouse: Con, tmp_path: Path) -> None:
    """600 KB with all provinces and regencies of the register, each with all its files, on the tile map of the nation."""
    with (RAW / "register" / "areas.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["level"] in ("province", "regency")]
    with (RAW / "tiles" / "tiles.csv").open(encoding="utf-8", newline="") as stream:
        tiles = [
            row for row in csv.DictReader(stream) if row["map_code"] == "00" and row["level"] == "regency"
        ]
    warehouse.execute("delete from ref.areas where area_code <> '00'")
    names = ("area_code", "level", "name", "parent_code")
    warehouse.executemany(
        f"insert into ref.areas ({', '.join(names)}) values (?, ?, ?, ?)",
        [[row[name] or None for name in names] for row in rows],
    )
    warehouse.executemany(
        "insert into ref.tiles (map_code, level, area_code, tile_q, tile_r) values ('00', 'regency', ?, ?, ?)",
        [[row["area_code"], row["tile_q"], row["tile_r"]] for row in tiles],
    )
    event(warehouse, "3171", "pemilu-2024", "psu", 12)
    for area in queries.areas(warehouse).values():
        for kind in FORMATS:
            (tmp_path / file_name(area, "id", kind)).touch()
    (path,) = render_index(warehouse, ["id"], tmp_path)
    # Twenty kilobytes of it are what real elections add to the data block.
    assert path.stat().st_size < 600_000 - 20_000
