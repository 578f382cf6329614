"""Situng 2019: names become today's codes where they are certain, and everything else is kept and reported."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pipelines.resolve.area_names import normal_name, resolve_names
from pipelines.sources import boundaries, dpt_2019, situng_2019
from tests.support.forms_cases import AREAS, csv_text, problems, typed, validated, write_gz

LINEAGE = pd.DataFrame(
    [("92-2022", "Papua Barat", "96", "split"), ("9271", "Kota Sorong", "9671", "recoded")],
    columns=["former_code", "former_name", "area_code", "change"],
)
PAPUA = pd.DataFrame(
    [("92", "province", "Papua Barat", None)], columns=["area_code", "level", "name", "parent_code"]
)
ALL = pd.concat([AREAS, PAPUA], ignore_index=True)
ROW = {"kel_id": "25826", "prov": "DKI JAKARTA", "kab": "JAKARTA PUSAT", "kec": "GAMBIR", "kel": "KEBON KELAPA",
       "no_tps": "7", "pas1": "10", "pas2": "20", "sah": "30", "tSah": "1", "jum": "31"}  # fmt: skip


def resolve(*chains: tuple[str, str, str, str]) -> pd.DataFrame:
    names = pd.DataFrame(chains, columns=["province", "regency", "district", "village"]).assign(n_tps=1)
    return resolve_names(names, ALL, LINEAGE)


@pytest.mark.parametrize(
    ("chain", "code", "level", "method"),
    [
        (("DKI JAKARTA", "JAKARTA PUSAT", "GAMBIR", "KEBON KELAPA"), "3171011002", "village", "exact"),
        (
            ("DKI JAKARTA", "KOTA ADM. JAKARTA PUSAT.", "GAMBIR", "Kebun Kelapa"),
            "3171011002",
            "village",
            "similar",
        ),
        (("DKI JAKARTA", "JAKARTA PUSAT", "GAMBIR", "PETOJO"), "317101", "district", "exact"),
        (("DKI JAKARTA", "JAKARTA PUSAT", "MENTENG", "X"), "3171", "regency", "exact"),
        (("DKI JAKARTA", "BEKASI", "X", "X"), "31", "province", "exact"),
        (("PAPUA BARAT", "KOTA SORONG", "SORONG", "X"), "967101", "district", "lineage"),
        (("Luar Negeri", "Jepang", "Tokyo", "Tokyo"), "99", "overseas", "overseas"),
        (("ATLANTIS", "X", "X", "X"), None, "none", "none"),
    ],
)
def test_names_resolve_as_deep_as_they_are_certain(chain, code, level, method) -> None:
    (row,) = resolve(chain).to_dict("records")
    found = None if pd.isna(row["area_code"]) else row["area_code"]
    assert (found, row["resolved_level"], row["method"]) == (code, level, method)


def test_alike_name_that_another_name_claims_is_not_guessed() -> None:
    rows = resolve(
        ("DKI JAKARTA", "JAKARTA PUSAT", "GAMBIR", "KEBON KELAPA"),
        ("DKI JAKARTA", "JAKARTA PUSAT", "GAMBIR", "KEBUN KELAPA II"),
    )
    assert rows["area_code"].tolist() == ["3171011002", "317101"]


def test_kind_of_area_and_roman_numbers_do_not_matter_in_names() -> None:
    assert normal_name("Kota Administrasi Jakarta Pusat") == normal_name("KOTA ADM. JAKARTA PUSAT.")
    assert normal_name("ILIR BARAT SATU") == normal_name("Ilir Barat I") != normal_name("Ilir Barat II")


def test_forms_keep_their_own_ids_and_get_todays_codes(tmp_path) -> None:
    rows = [ROW, ROW | {"kel_id": "-990014", "prov": "Luar Negeri", "kab": "Jepang", "kec": "Tokyo", "kel": "Tokyo"},
            ROW | {"no_tps": "8", "kab": "BEKASI"}, ROW | {"no_tps": "9", "prov": "ATLANTIS"}]  # fmt: skip
    write_gz(tmp_path / "situng-2019" / "situng.csv.gz", csv_text(rows).replace("\n", "\r\n"))
    ((text, _),) = situng_2019.read_forms(tmp_path / "situng-2019", tmp_path / "plain")
    (found,) = validated([text], tmp_path, lambda listed: resolve_names(listed, ALL, LINEAGE))
    forms = typed(tmp_path).set_index("tps_id")
    assert forms["tps"].to_dict() == {"25826/7": "007", "25826/8": "008", "-990014/7": "007"}
    assert forms["area_code"].fillna("").to_dict() == {
        "25826/7": "3171011002",
        "25826/8": "31",
        "-990014/7": "",
    }
    assert forms.loc["-990014/7", "province_code"] == "99"
    said = problems([found])
    assert set(said[said["disposition"] == "quarantined"]["rule"]) == {"unknown_area", "required"}
    assert set(said[said["disposition"] != "quarantined"]["rule"]) >= {"unknown_district"}
    assert sum(found.kept.values()) == 3 and sum(found.refused.values()) == 1


def test_dpt_without_figure_is_empty_and_not_minus_one(tmp_path) -> None:
    row = {"parent_id": "25823", "parent_name": "DKI JAKARTA", "child_depth": "2", "child_id": "25824",
           "child_name": "KEPULAUAN SERIBU", "n_tps": "81", "dpt_l": "9553", "dpt_p": "-1"}  # fmt: skip
    write_gz(tmp_path / "dpt-2019" / "dpt.csv.gz", csv_text([row]))
    (table,) = dpt_2019.read(tmp_path / "dpt-2019")
    assert table.frame[["level", "dpt_male", "dpt_female", "source_row"]].iloc[0].tolist() == [
        "regency",
        "9553",
        "",
        2,
    ]


def test_boundaries_say_which_feature_is_none(tmp_path) -> None:
    ring = [[106.0, -6.0], [107.0, -6.0], [107.0, -7.0], [106.0, -6.0]]
    good = {
        "properties": {"kode": "31.71", "nama": "A"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    point = {"properties": {"kode": "31.72"}, "geometry": {"type": "Point", "coordinates": [106.0, -6.0]}}
    path = tmp_path / "boundaries" / "kab.geojson"
    path.parent.mkdir()
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [good, point, {"x": 1}]}))
    (table,) = boundaries.read(path.parent)
    assert table.frame[["area_code", "level", "west", "south"]].iloc[0].tolist() == [
        "3171",
        "regency",
        "106.0",
        "-7.0",
    ]
    assert table.problems["source_row"].tolist() == [2, 3] and table.n_read == 3
