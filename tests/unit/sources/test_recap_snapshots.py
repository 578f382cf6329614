"""Snapshots of recapitulation: what was in when, by province and hour; the newest is the result of its area."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from pipelines import catalog
from pipelines.quality import validate
from pipelines.resolve.recap_filling import recap_filling
from pipelines.sources import SourceError, table
from pipelines.sources.mapping import SUFFIX, read_mapping

CHOICES = {"1": "Satu", "2": "Dua"}
CODED = {
    "grain": "district", "gives": "recap", "election": "pilpres-2014", "contest": "ppwp",
    "columns": {"code": "kode", "published_at": "waktu"}, "choices": CHOICES,
}  # fmt: skip
NAMED = {**CODED, "codes": "names", "columns": {"province": "Prov", "regency": "Kab", "district": "Kec"}}
AREAS = pd.DataFrame(
    [("00", "national", "Indonesia", None), ("31", "province", "DKI Jakarta", "00"),
     ("64", "province", "Kalimantan Timur", "00")],
    columns=["area_code", "level", "name", "parent_code"],
)  # fmt: skip
REFERENCES = {"ref.elections": pd.DataFrame({"election_id": ["pilpres-2014"]})}
LINEAGE = pd.DataFrame(columns=["former_code", "former_name", "area_code", "change"])


def snapshot(folder: Path, name: str, text: str, mapping: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    (folder / f"{name}{SUFFIX}").write_text(yaml.safe_dump(mapping), encoding="utf-8")


def filling(folder: Path) -> pd.DataFrame:
    """Rows of mart.recap_filling from the tables of a folder, through the checks of the catalog."""
    found = [t.frame for t in table.read(folder) if t.table == "core.recap_progress"]
    done = validate(catalog.table("core.recap_progress"), pd.concat(found, ignore_index=True), REFERENCES)
    assert done.problems.empty, done.problems["message_en"].tolist()
    made = recap_filling(done.typed, AREAS, LINEAGE)
    assert list(made.columns) == catalog.table("mart.recap_filling").field_names
    return made.set_index(["area_code", "seen_hour"])


def test_how_recapitulation_fills_up_by_province_and_hour(tmp_path: Path) -> None:
    """Three snapshots in three files, two of them within an hour; the time stands in the names."""
    head = "Prov,Kab,Kec,Satu,Dua\n"
    rows = {
        "da1-2014-07-16-22.csv": "DKI JAKARTA,JAKARTA PUSAT,GAMBIR,10,5\nDKI JAKARTA,JAKARTA PUSAT,SENEN,,\n"
        "KALIMANTAN TIMUR,BERAU,SEGAH,0,0\n",
        "da1-2014-07-19-0200.csv": "DKI JAKARTA,JAKARTA PUSAT,GAMBIR,10,5\n",
        "da1-2014-07-19-0245.csv": "DKI JAKARTA,JAKARTA PUSAT,GAMBIR,11,5\nDKI JAKARTA,JAKARTA PUSAT,SENEN,7,8\n"
        "KALIMANTAN TIMUR,BERAU,SEGAH,,\nENTAH,X,Y,1,1\n",
    }
    for name, text in rows.items():
        snapshot(tmp_path / "table", name, head + text, NAMED)
    found = filling(tmp_path / "table")
    first, last = pd.Timestamp("2014-07-16 22:00"), pd.Timestamp("2014-07-19 02:00")
    one, two = found.loc[("00", first)], found.loc[("00", last)]
    assert (one["n_units"], one["n_in"], one["n_missing"]) == (3, 1, 2) and pd.isna(one["n_new"])
    assert (two["n_units"], two["n_in"], two["n_missing"], two["n_unplaced"]) == (4, 3, 1, 1)
    assert (two["n_new"], two["n_changed"], two["n_withdrawn"]) == (2, 1, 0)
    jakarta = found.loc[("31", last)]
    assert (jakarta["n_units"], jakarta["n_in"], jakarta["in_share"], jakarta["area_name"]) == (
        2,
        2,
        1.0,
        "DKI Jakarta",
    )
    assert found.loc[("64", last), "n_in"] == 0


def test_a_result_that_was_taken_back_is_said(tmp_path: Path) -> None:
    text = "kode,waktu,Satu,Dua\n31.71.01,2014-07-16 22:00:00,10,5\n31.71.01,2014-07-17 01:00:00,,\n"
    snapshot(tmp_path / "table", "a.csv", text, CODED)
    assert filling(tmp_path / "table").loc[("31", pd.Timestamp("2014-07-17 01:00")), "n_withdrawn"] == 1


def test_the_newest_snapshot_of_a_coded_area_is_its_official_result(tmp_path: Path) -> None:
    head = "kode,waktu,Satu,Dua\n"
    snapshot(
        tmp_path / "table",
        "a.csv",
        f"{head}317101,2014-07-16 22:00:00,10,5\n317102,2014-07-16 22:00:00,,\n",
        CODED,
    )
    snapshot(tmp_path / "table", "b.csv", f"{head}317101,2014-07-19 02:00:00,11,5\n", CODED)
    older, areas = [t for t in table.read(tmp_path / "table") if t.table == "core.area_result"]
    assert (older.file, older.n_read, areas.file, areas.n_read) == ("table/a.csv", 0, "table/b.csv", 2)
    rows = areas.frame[["area_code", "level", "option_id", "votes"]].to_numpy().tolist()
    assert rows == [["317101", "district", "1", "11"], ["317101", "district", "2", "5"]]
    assert older.problems["rule"].tolist() == ["superseded"] and older.problems["source_row"].tolist() == [2]


def test_a_snapshot_without_a_time_or_with_odd_votes_is_refused_row_by_row(tmp_path: Path) -> None:
    mapping = {**CODED, "columns": {"code": "kode"}}
    snapshot(tmp_path / "table", "tanpa-waktu.csv", "kode,Satu,Dua\n317101,10,5\n", mapping)
    snapshot(tmp_path / "table", "2014-07-16.csv", "kode,Satu,Dua\n317101,sepuluh,5\n317102,1,2\n", mapping)
    declared = catalog.table("core.recap_progress")
    done = [
        validate(declared, t.frame, REFERENCES)
        for t in table.read(tmp_path / "table")
        if t.table == declared.full_name
    ]
    assert [len(d.typed) for d in done] == [1, 0]
    said = " ".join(text for d in done for text in d.problems["message_en"])
    assert "sepuluh" in said and "seen_at" in " ".join(c for d in done for c in d.problems["column_name"])


def test_a_mapping_of_recapitulation_needs_choices_and_names(tmp_path: Path) -> None:
    for changes, said in (
        ({"choices": {}}, "choices"),
        ({"codes": "names", "columns": {"province": "P"}}, "regency"),
        ({"grain": "village"}, "grain"),
    ):
        path = tmp_path / f"a{SUFFIX}"
        path.write_text(yaml.safe_dump({**CODED, **changes}), encoding="utf-8")
        with pytest.raises(SourceError, match=said):
            read_mapping(path)
