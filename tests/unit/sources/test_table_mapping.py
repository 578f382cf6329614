"""Tables of any shape: a mapping says what the columns are; every row is kept or quarantined."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

from pipelines.sources import SourceError, table
from pipelines.sources.add import add
from pipelines.sources.mapping import (
    SUFFIX,
    checked,
    code,
    draft,
    fitting,
    number,
    read_mapping,
    shipped,
    tps,
)
from pipelines.sources.rows import rows_of, written
from tests.support.forms_cases import problems, typed, validated

STATIONS = {
    "grain": "station", "gives": "forms", "election": "pemilu-2024", "contest": "ppwp", "codes": "kemendagri",
    "numbers": "indonesian", "columns": {"code": "Kode", "tps": "TPS", "votes_valid": "Sah"},
    "choices": {"100025": "Satu", "100026": "Dua"},
}  # fmt: skip
ROWS = [
    {"Kode": "31.71.01.1001", "TPS": "1", "Sah": "1.060", "Satu": "1.000", "Dua": "60"},
    {"Kode": "31.71.01.1001", "TPS": "TPS 002", "Sah": "20", "Satu": "15", "Dua": "5"},
]


def write(path: Path, rows: list[dict[str, object]], separator: str = ",") -> Path:
    """The rows as a table of the format that the name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows)
    if path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix in (".ndjson", ".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows))
    else:
        frame.to_csv(path, index=False, sep=separator)
    return path


def mapped(path: Path, **changes: object) -> Path:
    """The mapping beside a table."""
    beside = path.with_name(path.name + SUFFIX)
    beside.write_text(yaml.safe_dump({**STATIONS, **changes}))
    return beside


@pytest.mark.parametrize(
    ("name", "separator"),
    [
        ("a.csv", ","),
        ("a.csv", ";"),
        ("a.tsv", "\t"),
        ("a.xlsx", ""),
        ("a.parquet", ""),
        ("a.ndjson", ""),
        ("a.json", ""),
    ],
)
def test_the_same_rows_in_every_format_give_the_same_forms(tmp_path: Path, name: str, separator: str) -> None:
    path = write(tmp_path / "table" / name, ROWS, separator)
    mapped(path)
    (tmp_path / "out").mkdir()
    ((text, unreadable),) = table.read_forms(tmp_path / "table", tmp_path / "out")
    validated([text], tmp_path)
    forms, votes = typed(tmp_path), typed(tmp_path, "votes")
    assert forms["tps_id"].tolist() == ["3171011001001", "3171011001002"] and not len(unreadable)
    assert forms["votes_valid"].tolist() == [1060, 20] and votes["votes"].tolist() == [1000, 60, 15, 5]


def test_row_that_is_none_is_quarantined_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "table" / "a.csv"
    path.parent.mkdir()
    good = "31.71.01.1001,{},20,15,5\n"
    path.write_bytes(
        b"Kode,TPS,Sah,Satu,Dua\n"
        + good.format(1).encode()
        + b"\n\xff,1\n"
        + b'a,"b\n'
        + b"1,2\n"
        + good.format(2).encode()
    )
    mapped(path)
    (tmp_path / "out").mkdir()
    ((text, unreadable),) = table.read_forms(tmp_path / "table", tmp_path / "out")
    assert text.n_read == {"table/a.csv": 2} and text.n_lost == {"table/a.csv": 3}
    assert unreadable["source_row"].tolist() == [4, 5, 6]
    assert unreadable["rule"].tolist() == ["not_utf8", "open_quote", "ragged_row"]


def test_areas_by_name_are_looked_up(tmp_path: Path) -> None:
    rows = [
        {
            "prov": "DKI JAKARTA",
            "kab": "Jakarta Pusat",
            "kec": "Gambir",
            "kel": "Gambir",
            "no": 7,
            "Sah": 5,
            "Satu": 5,
        }
    ]
    path = write(tmp_path / "table" / "a.csv", rows)
    columns = {
        "province": "prov",
        "regency": "kab",
        "district": "kec",
        "village": "kel",
        "tps": "no",
        "votes_valid": "Sah",
    }
    mapped(path, codes="bps", columns=columns, choices={"100025": "Satu"})
    (tmp_path / "out").mkdir()
    ((text, _),) = table.read_forms(tmp_path / "table", tmp_path / "out")
    found = validated([text], tmp_path, lambda names: names.assign(area_code="3171011001"))
    assert not len(problems(found)) and typed(tmp_path)["area_code"].tolist() == ["3171011001"]
    assert typed(tmp_path)["tps_id"].str.split("/").str[1].tolist() == ["007"]


SHAPES = {
    "sirekap-export.yaml": {
        "kode": "3171011001001", "suara_paslon_1": 1, "suara_paslon_2": 2, "suara_paslon_3": 3, "suara_sah": 6,
        "suara_tidak_sah": 0, "suara_total": 6, "pengguna_non_dpt_j": 1, "ts": "2024-02-16 10:00:00",
    },
    "sirekap-areas.yaml": {
        "kode": "31", "provinsi_nama": "DKI", "suara_paslon_1": 1, "suara_paslon_2": 2, "suara_paslon_3": 3,
        "persen_suara_masuk": 99.5, "ts": "2024-02-16 10:00:00",
    },
    "anomaly-list.yaml": {
        "link": "https://pemilu2024.kpu.go.id/pilpres/hitung-suara/31/3171/317101/3171011001/3171011001001",
        "paslon1": 1, "paslon2": 2, "paslon3": 3, "suara_sah": 9,
    },
    "village-percent.yaml": {
        "kode_kel": "31.71.01.1001", "suara1": "1.000", "persen1": "50,0", "suara2": "500", "persen2": "25,0",
        "suara3": "500", "persen3": "25,0",
    },
    "dpt-2024.yaml": {
        "kode_kel": "31.71.01.1001", "kelurahan": "Gambir", "jml_tps": 3, "laki_laki": "1.200", "perempuan": 1100,
    },
    "kawalpemilu.yaml": {
        "idLokasi": "317101100117", "name": "17", "pas1": 43, "pas2": 114, "pas3": 57, "totalTps": 1,
        "totalPendingTps": 0, "totalErrorTps": 1, "totalCompletedTps": 1, "updateTs": 1708168297292,
    },
}  # fmt: skip


@pytest.mark.parametrize("mapping", shipped(), ids=lambda m: m.name)
def test_shipped_mapping_reads_the_shape_it_is_for(tmp_path: Path, mapping) -> None:
    row = SHAPES[mapping.name]
    assert fitting(row) is mapping
    given = write(tmp_path / "given" / "a.csv", [row])
    raw = tmp_path / "raw"
    add(raw, "table", given)
    folder = raw / "table"
    (tmp_path / "out").mkdir()
    forms = list(table.read_forms(folder, tmp_path / "out"))
    rows = list(table.read(folder))
    assert len(forms) + len(rows) == 1
    if mapping.gives == "forms":
        found = validated([forms[0][0]], tmp_path)
        assert typed(tmp_path)["tps_id"].tolist() == ["3171011001001"] and not len(problems(found))
    if mapping.gives == "areas":
        expected = {"village-percent.yaml": ("3171011001", "1000"), "sirekap-areas.yaml": ("31", "1")}[
            mapping.name
        ]
        first = rows[0].frame.iloc[0]
        assert (first["area_code"], first["votes"]) == expected and first["level"] == mapping.grain
    if mapping.gives == "dpt":
        assert rows[0].frame.iloc[0][["n_tps", "dpt_male", "dpt_female"]].tolist() == ["3", "1200", "1100"]
    if mapping.gives == "crowd":
        first = rows[0].frame.iloc[0]
        assert (first["tps_id"], first["votes"], first["n_error"]) == ("3171011001017", "43", "1")
        assert first["published_at"] == "2024-02-17 11:11:37" and first["counted_by"] == "kawalpemilu"


def test_answers_of_kawalpemilu_are_taken_as_they_come(tmp_path: Path) -> None:
    info = SHAPES["kawalpemilu.yaml"]
    value = {
        "result": {
            "id": "3171011001",
            "names": [],
            "aggregated": {"17": [info, {"pas1": 9}], "18": [], "19": None},
        }
    }
    path = tmp_path / "table" / "a.json"
    path.parent.mkdir()
    path.write_text(json.dumps(value))
    (found,) = table.read(tmp_path / "table")
    assert (len(found.frame), len(found.problems), found.n_read) == (3, 2, 5)


@pytest.mark.parametrize(
    ("changed", "key"),
    [({"grain": "street"}, "grain"), ({"columns": {"x": "y"}}, "columns.x"), ({"columns": {"tps": "TPS"}}, "columns"),
     ({"election": "2024"}, "election"), ({"gives": "areas"}, "grain"), ({"codes": "names"}, "columns"),
     ({"choices": [1]}, "choices"), ({"extra": 1}, "extra"), ({"contest": "x"}, "contest"), ({"columns": 3}, "columns"),
     ({"numbers": "roman"}, "numbers"), ({"match": 3}, "match")],
)  # fmt: skip
def test_mapping_that_declares_what_is_not_known_says_which_key(tmp_path: Path, changed, key: str) -> None:
    with pytest.raises(SourceError, match=f"the mapping cannot be used: {key}: "):
        checked({**STATIONS, **changed}, tmp_path / "m.yaml")


@pytest.mark.parametrize(
    "text", ["", "- 1", "a: [", "x" * 30_000, "a: &b [1]\nc: *b", "!!python/object:os.system x", "\x00"]
)
def test_mapping_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(text)
    with pytest.raises(SourceError, match="mapping"):
        read_mapping(tmp_path / "m.yaml")


def test_draft_of_a_header_is_a_mapping_once_completed(tmp_path: Path) -> None:
    text = draft(
        ["Kode", "Nama", "TPS", "Suara Sah", "paslon 1", "paslon 2", "Catatan"], [{"Kode": "31.71.01.1001"}]
    )
    assert "Catatan" in text.split("\n")[1] and text.startswith("# ")
    raw = yaml.safe_load(text)
    assert raw["columns"]["code"] == "Kode" and raw["choices"] == {"100025": "paslon 1", "100026": "paslon 2"}
    assert (
        checked({**raw, "grain": "station", "gives": "forms"}, tmp_path / "m.yaml").columns["votes_valid"]
        == "Suara Sah"
    )


def test_add_keeps_the_mapping_and_refuses_one_that_does_not_fit(tmp_path: Path) -> None:
    given = write(tmp_path / "given" / "a.csv", ROWS)
    mapping = tmp_path / "m.yaml"
    mapping.write_text(yaml.safe_dump(STATIONS))
    with pytest.raises(SourceError, match=r"no mapping says.*titikrawan map a\.csv"):
        add(tmp_path / "raw", "table", given)
    with pytest.raises(SourceError, match="add table` only"):
        add(tmp_path / "raw", "sirekap-2024", given, mapping=mapping)
    added = add(tmp_path / "raw", "table", given, mapping=mapping)
    assert [p.name for p in added.files] == ["a.csv", "a.csv.map.yaml"]
    mapping.write_text(yaml.safe_dump({**STATIONS, "columns": {"code": "Nowhere"}}))
    with pytest.raises(SourceError, match="columns that are not there: Nowhere"):
        add(tmp_path / "other", "table", given, mapping=mapping)


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [("1.234,5", "indonesian", "1234.5"), ("1.060", "indonesian", "1060"), ("1,060", "english", "1060"),
     ("60.0", "plain", "60"), ("60,0", "plain", "60,0"), ("1.2.3", "indonesian", "1.2.3"),
     (" 5 ", "plain", "5"), ("", "plain", "")],
)  # fmt: skip
def test_figures_are_written_our_way_only_where_their_form_is_the_declared_one(
    text: str, how: str, expected: str
) -> None:
    assert number(text, how) == expected


def test_codes_and_values_of_spreadsheets() -> None:
    mapping = fitting(SHAPES["sirekap-export.yaml"])
    assert mapping is not None and code({"kode": "3171011001001.0"}, mapping) == "3171011001001"
    assert [tps(t) for t in ("8", "TPS 004", "12.0", "x")] == ["008", "004", "012", "x"]
    values = (None, 3.0, 2.5, True, date(2024, 2, 14), float("nan"), {"a": 1})
    assert [written(v) for v in values] == ["", "3", "2.5", "true", "2024-02-14", "", '{"a": 1}']


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.json", "a.csv"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04x", b"PAR1", b"\xff\xfe", b"[" * 5000, b"a,a\n1,2\n"])
def test_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    try:
        rows = list(rows_of(tmp_path / name, name))
    except SourceError as error:
        assert error.said("id")
    else:
        assert all(row.fault or isinstance(row.cells, dict) for row in rows)
