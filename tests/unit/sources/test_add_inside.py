"""`add` looks inside: what the source could not read is refused before anything is copied; `remove` undoes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.sources import SourceError, discover, verify
from pipelines.sources.add import abouts, add, remove
from pipelines.sources.listing import listing
from tests.support.forms_cases import answer, csv_text, path_of, station, write_gz, write_zip

POLYGON = {"type": "Polygon", "coordinates": [[[106.8, -6.2], [106.9, -6.2], [106.9, -6.1], [106.8, -6.2]]]}


def collection(properties: dict[str, object], geometry: dict[str, object] = POLYGON) -> str:
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": properties, "geometry": geometry}]})  # fmt: skip


def refused(tmp_path: Path, source: str, path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        add(tmp_path / "raw", source, path)
    assert not (tmp_path / "raw" / source).exists() and caught.value.message["id"]
    return caught.value.message["en"]


def test_table_with_other_columns_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Prov,Kota,TPS,Suara Sah\nDKI,PUSAT,1,2\n")
    said = refused(tmp_path, "sirekap-2024", path)
    assert "Suara Sah" in said and "sirekap-2024 needs: CSV" in said and "titikrawan map x.csv" in said


def test_table_with_the_columns_and_other_codes_is_refused(tmp_path: Path) -> None:
    rows = [station(n, kode_tps=f"P{n}") for n in range(1, 5)]
    path = write_gz(tmp_path / "x.csv.gz", csv_text(rows))
    assert "0 of the first 4 rows" in refused(tmp_path, "sirekap-2024", path)


def test_file_of_another_source_is_sent_there(tmp_path: Path) -> None:
    path = tmp_path / "situng2019.csv"
    path.write_text("kel_id,prov,kab,kec,kel,no_tps,pas1,pas2,sah,tSah,jum\n1,A,B,C,D,1,10,20,30,1,31\n")
    assert "titikrawan add situng-2019 situng2019.csv" in refused(tmp_path, "sirekap-2024", path)


def test_answers_that_are_none_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", {"a.json": {"b": 1}})
    assert "none of the first 1 answers" in refused(tmp_path, "sirekap-json", path)


@pytest.mark.parametrize("key", ["kode", "KODE_PROV", "KDPPUM", "code"])
@pytest.mark.parametrize("code", ["31", 31, "31.0"[:2], 31.0])
def test_codes_of_boundaries_are_found_under_their_known_names(
    tmp_path: Path, key: str, code: object
) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(collection({"id": "1", key: code, "PROVINSI": "DKI Jakarta"}))
    add(tmp_path / "raw", "boundaries", path)
    (table,) = discover(tmp_path / "raw")["boundaries"](tmp_path / "raw" / "boundaries")
    assert table.frame["area_code"].tolist() == ["31"] and table.frame["name"].tolist() == ["DKI Jakarta"]


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (
            {"type": "Polygon", "coordinates": [[[-6.2, 106.8], [-6.2, 106.9], [-6.1, 106.9]]]},
            "axes are swapped",
        ),
        (
            {"type": "Polygon", "coordinates": [[[700000, 9310000], [700100, 9310000]]]},
            "metres of a projection",
        ),
        ({"type": "Point", "coordinates": [106, -6]}, "not a polygon"),
    ],
)
def test_what_is_wrong_with_coordinates_is_named(tmp_path: Path, geometry, words: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(collection({"kode": "31"}, geometry))
    assert words in refused(tmp_path, "boundaries", path)


def test_boundaries_without_a_code_name_the_properties_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_text(collection({"OBJECTID": 1, "luas": 3}))
    assert "there are: OBJECTID, luas" in refused(tmp_path, "boundaries", path)


def test_tree_beside_a_file_is_taken_whole_and_the_rest_is_named(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    files = {"0.json": [{"nama": "DKI", "kode": "31"}], path_of("3171011001001"): answer()}
    for name, value in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(json.dumps(value))
    (tree / ".state").mkdir()
    (tree / ".state" / "x.json").write_text("{}")
    (tree / "notes.txt").write_text("x")
    added = add(tmp_path / "raw", "sirekap-json", tree)
    assert [p.name for p in added.files] == ["tree.zip"] and added.passed_over == (
        ".state/x.json",
        "notes.txt",
    )


def test_tables_in_subfolders_are_named(tmp_path: Path) -> None:
    given = write_gz(tmp_path / "given" / "31.csv.gz", csv_text([station(1)]))
    write_gz(tmp_path / "given" / "more" / "32.csv.gz", csv_text([station(2)]))
    assert add(tmp_path / "raw", "sirekap-2024", given.parent).passed_over == ("more/32.csv.gz",)


def test_empty_set_is_taken_and_named(tmp_path: Path) -> None:
    path = tmp_path / "situng.csv"
    path.write_text("kel_id,prov,kab,kec,kel,no_tps,pas1,pas2,sah,tSah,jum\n")
    assert add(tmp_path / "raw", "situng-2019", path).empty == ("situng.csv",)
    assert add(tmp_path / "raw", "sirekap-json", write_zip(tmp_path / "e.zip", {})).empty == ("e.zip",)


@pytest.mark.parametrize(
    ("text", "name"),
    [("MIT License\n\nCopyright (c) X", "MIT"), ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
     ("Our own terms\nmore", "Our own terms")],
)  # fmt: skip
def test_licence_is_read_from_the_file_beside(tmp_path: Path, text: str, name: str) -> None:
    given = write_gz(tmp_path / "given" / "31.csv.gz", csv_text([station(1)]))
    (given.parent / "LICENSE.txt").write_text(text)
    added = add(tmp_path / "raw", "sirekap-2024", given)
    assert json.loads(added.sidecar.read_text())["licenses"][0]["name"] == name and added.licence[0] == name


def test_another_folder_of_the_same_name_does_not_replace_the_first(tmp_path: Path) -> None:
    for above, number in (("a", 1), ("b", 2)):
        path = tmp_path / above / "in" / path_of(f"317101100100{number}")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(answer()))
    add(tmp_path / "raw", "sirekap-json", tmp_path / "a" / "in")
    with pytest.raises(SourceError, match="another file of this name"):
        add(tmp_path / "raw", "sirekap-json", tmp_path / "b" / "in")
    assert not list((tmp_path / "raw").glob(".*"))


def test_removed_file_leaves_a_true_sidecar_and_the_last_one_no_folder(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    for n in (1, 2):
        add(raw, "sirekap-2024", write_gz(tmp_path / f"{n}.csv.gz", csv_text([station(n)])))
    assert remove(raw, "sirekap-2024", "1.csv.gz") == ["1.csv.gz"] and not verify(raw / "sirekap-2024")
    assert [f.name for one in listing(raw, tmp_path / "none") for f in one.files] == ["2.csv.gz"]
    for file in ("../x", "1.csv.gz", "datapackage.json"):
        with pytest.raises(SourceError, match="no such input"):
            remove(raw, "sirekap-2024", file)
    with pytest.raises(SourceError, match="There are"):
        remove(raw, "register")
    remove(raw, "sirekap-2024")
    assert not (raw / "sirekap-2024").exists()


def test_every_source_says_what_it_needs_in_both_languages() -> None:
    assert all(about.title.keys() == about.needs.keys() == {"id", "en"} for about in abouts().values())


def test_an_unexpected_column_is_taken_for_one_missing_column_only(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        csv_text([station(1)]).replace("suara_tidak_sah", "tidak_sah").replace("suara_total", "total")
    )
    said = refused(tmp_path, "sirekap-2024", path)
    assert said.count("'tidak_sah' is probably") == 1 and "'tidak_sah' is probably 'suara_tidak_sah'" in said
