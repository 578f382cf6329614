"""The invented warehouse as a file with views, codes and keys, as researchers read a release."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import duckdb

from pipelines import catalog
from pipelines.warehouse import about, load
from tests.support.invented import put
from tests.support.invented_warehouse import invented

OWN = {"source_file": "own/kejadian--kota.csv", "source_row": 2}


def make(path: Path, own: bool = False) -> Path:
    """Write the file; with `own`, one claim comes from an office's own records."""
    shutil.copy(_made(own), path)
    return path


@cache
def _made(own: bool) -> Path:
    """The file, made once in a process."""
    path = Path(tempfile.mkdtemp(prefix="titikrawan-readable-")) / "titikrawan.duckdb"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    everything = (*catalog.load(), *catalog.views())
    shutil.copyfile(invented(), path)
    with duckdb.connect(str(path)) as con:
        con.register("code_values", about.code_values_frame())
        con.execute("delete from meta.code_values")
        con.execute("insert into meta.code_values by name select * from code_values")
        con.register("relations", about.relations_frame(everything))
        con.execute("insert into meta.relations by name select * from relations")
        con.register("dictionary", about.dictionary_frame(everything))
        con.execute("delete from meta.dictionary")
        con.execute("insert into meta.dictionary by name select * from dictionary")
        con.execute("delete from core.revote_claim")
        con.execute("delete from mart.counts")
        claim = {
            "election_id": "pemilu-2024",
            "kind": "psu",
            "status": "held",
            "basis": "kpu",
            "level": "regency",
        }
        claim |= {
            "confidence": "high",
            "source_url": "https://example.org/psu",
            "source_title": "PSU (contoh)",
        }
        for number, (event, area) in enumerate((("a", "3171"), ("b", "3175"), ("c", "7371")), 2):
            row = {"event_id": event, "area_code": area, "n_tps": number}
            origin = (
                OWN if own and event == "b" else {"source_file": "register/revotes.csv", "source_row": number}
            )
            put(con, "core.revote_claim", claim | row | origin)
        count = {"election_id": "pemilu-2024", "kind": "psu", "measure": "held", "is_complete": True}
        count |= {"rests_on": "claim", "is_contradicted": False}
        for area, level, lower, claims in (
            ("3171", "regency", 2, "a"),
            ("3175", "regency", 3, "b"),
            ("31", "province", 5, "sum/pemilu-2024/31/psu/held"),
            ("7371", "regency", 4, "c"),
        ):
            more = {
                "area_code": area,
                "level": level,
                "lower": lower,
                "upper": lower,
                "claim_id": claims,
                "lower_claim_ids": claims,
            }
            put(con, "mart.counts", count | more)
        for part, n, behind in (("3171", 2, "a"), ("3175", 3, "b")):
            summed = {
                "sum_id": "sum/pemilu-2024/31/psu/held",
                "election_id": "pemilu-2024",
                "area_code": "31",
            }
            put(con, "mart.sum_parts", summed | {"part_id": part, "value": n, "claim_id": behind})
        for table in catalog.load():
            if "source_row" in table.field_names:
                con.execute(
                    f"update {table.full_name} set source_file = 'register/invented.csv', source_row = rowid"
                    " where source_row is null"
                )
        load.create_views(con, catalog.views())
    return path
