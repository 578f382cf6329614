"""Sirekap's JSON answers: all shapes, from zip, files and lines; what is no answer is said, not lost."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from pipelines.sources import SourceError, sirekap_json, unpack
from tests.support.forms_cases import answer, path_of, problems, typed, validated, write_zip

CODE = "3171011001001"


def forms_of(tmp_path, members) -> tuple:
    write_zip(tmp_path / "sirekap-json" / "answers.zip", members)
    read = list(sirekap_json.read_forms(tmp_path / "sirekap-json", out(tmp_path)))
    return [text for text, _ in read], [row for _, frame in read for row in frame.to_dict("records")]


def out(tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir(exist_ok=True)
    return folder


def test_presidential_answer_becomes_a_form_with_names_from_the_lists(tmp_path) -> None:
    lists = {
        "wilayah/pemilu/ppwp/31/3171/317101.json": [
            {"nama": "GAMBIR.", "id": 1, "kode": "3171011001", "tingkat": 4}
        ],
        "wilayah/pemilu/ppwp/0.json": [{"nama": "DKI JAKARTA", "id": 2, "kode": "31", "tingkat": 1}],
    }
    texts, unreadable = forms_of(tmp_path, {path_of(CODE): answer(), **lists})
    found = validated(texts, tmp_path)
    form = typed(tmp_path).iloc[0]
    assert not unreadable and not len(problems(found))
    assert (form["tps_id"], form["contest"], form["province"], form["village"]) == (
        CODE,
        "ppwp",
        "DKI JAKARTA",
        "GAMBIR.",
    )
    assert (form["n_images"], str(form["last_upload"])) == (2, "2024-02-14 23:15:00")
    assert form["users_total"] == 200 and bool(form["has_votes"])
    assert typed(tmp_path, "votes")["option_id"].tolist() == ["100025", "100026", "100027"]


def test_null_chart_and_null_figures_are_a_form_without_data(tmp_path) -> None:
    texts, unreadable = forms_of(tmp_path, {path_of(CODE): answer(chart=None, administrasi=None, psu=None)})
    found = validated(texts, tmp_path)
    assert not unreadable and not len(problems(found))
    assert typed(tmp_path)["votes_total"].isna().all() and typed(tmp_path)["repeat_status"].isna().all()
    assert not len(typed(tmp_path, "votes"))


def test_literal_null_candidate_with_votes_keeps_the_form_out(tmp_path) -> None:
    texts, _ = forms_of(tmp_path, {path_of(CODE): answer(chart={"null": 7, "100025": 80})})
    (found,) = validated(texts, tmp_path)
    said = problems([found])
    assert said["table_name"].tolist() == ["core.vote"] and "without an id" in said["message_en"].iloc[0]
    assert sum(found.refused.values()) == 1


def test_party_ballot_has_totals_party_votes_and_candidates(tmp_path) -> None:
    body = answer(
        chart={
            "1": {"jml_suara_total": 30, "jml_suara_partai": 10},
            "2": {"jml_suara_total": 5, "jml_suara_partai": 5},
        },
        caleg={"1": {"101": 15, "102": 5, "null": None}, "2": {"null": None}},
    )
    texts, unreadable = forms_of(tmp_path, {path_of(CODE, "pdpr"): body})
    validated(texts, tmp_path)
    votes = typed(tmp_path, "votes")
    assert not unreadable and set(votes["contest"]) == {"dpr"}
    rows = sorted(votes[["kind", "option_id", "party_id", "votes"]].to_numpy().tolist())
    assert rows == [
        ["candidate", "101", "1", 15], ["candidate", "102", "1", 5], ["party", "1", "1", 10], ["party", "2", "2", 5],
        ["party_total", "1", "1", 30], ["party_total", "2", "2", 5],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("contest", "code", "expected"),
    [("pdpd", CODE, ("pemilu-2024", "dpd")), ("pkwkp", CODE, ("pilkada-2024", "gubernur")),
     ("pkwkk", CODE, ("pilkada-2024", "walikota")), ("pdprdp", CODE, ("pemilu-2024", "dprd_prov"))],
)  # fmt: skip
def test_other_contests_and_the_wrapping_of_pilkada(
    tmp_path, contest: str, code: str, expected: tuple
) -> None:
    body = answer(chart={"9": 11})
    if contest.startswith("pkwk"):
        body = {"tungsura": {k: body.pop(k) for k in ("chart", "administrasi", "images")}, **body}
    body.pop("images", None)
    texts, unreadable = forms_of(tmp_path, {path_of(code, contest): body})
    validated(texts, tmp_path)
    form = typed(tmp_path).iloc[0]
    assert not unreadable and (form["election_id"], form["contest"]) == expected
    assert form["dpt_total"] == 250 and typed(tmp_path, "votes")["votes"].tolist() == [11]


@pytest.mark.parametrize(
    "body", ["{", "<html>", "", "[1, 2]", '{"a": 1}', '{"chart": [1], "administrasi": null}', b"\xff\xfe{}"]
)
def test_what_is_no_answer_is_quarantined_with_its_path(tmp_path, body) -> None:
    texts, unreadable = forms_of(tmp_path, {path_of(CODE): body, path_of("3171011001002"): answer()})
    found = validated(texts, tmp_path)
    (row,) = unreadable
    assert (
        row["rule"] == "malformed_json" and CODE in row["message_en"] and row["disposition"] == "quarantined"
    )
    assert sum(sum(t.n_lost.values()) for t in texts) == 1 and sum(sum(f.kept.values()) for f in found) == 1


def test_numbers_as_text_count_and_other_text_does_not(tmp_path) -> None:
    good, bad = answer(), answer()
    good["administrasi"] = {**good["administrasi"], "suara_sah": "195"}
    bad["administrasi"] = {**bad["administrasi"], "suara_sah": "195.0", "pemilih_dpt_j": {"a": 1}}
    texts, _ = forms_of(tmp_path, {path_of(CODE): good, path_of("3171011001002"): bad})
    said = problems(validated(texts, tmp_path))
    assert typed(tmp_path)["votes_valid"].tolist() == [195]
    assert sorted(said["column_name"]) == ["dpt_total", "votes_valid"] and set(said["rule"]) == {"type"}


def test_last_version_of_an_answer_counts(tmp_path) -> None:
    first, last = answer(chart={"100025": 1}), answer(chart={"100025": 2})
    lines = [json.dumps({"path": path_of(CODE), "body": json.dumps(b)}) for b in (first, last)]
    path = tmp_path / "sirekap-json" / "hhcw" / "31.ndjson.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("\n".join([*lines, "not json"]).encode()))
    read = list(sirekap_json.read_forms(tmp_path / "sirekap-json", out(tmp_path)))
    validated([text for text, _ in read], tmp_path)
    assert typed(tmp_path, "votes")["votes"].tolist() == [2]
    assert [r for _, p in read for r in p["rule"]] == ["malformed_json"]


def test_published_areas_become_area_results(tmp_path) -> None:
    chart = {"100025": 5, "100026": 6, "persen": 99.1}
    write_zip(tmp_path / "sirekap-json" / "a.zip", {
        "hhcw/ppwp.json": {"chart": chart, "ts": "2024-03-01 00:00:00", "table": {}},
        "hhcw/ppwp/31/3171.json": {"chart": {"100025": 4, "persen": 1.0}, "ts": "2024-03-01 00:00:00", "table": {}},
    })  # fmt: skip
    (areas,) = sirekap_json.read(tmp_path / "sirekap-json")
    rows = areas.frame[["area_code", "option_id", "votes"]].to_numpy().tolist()
    assert rows == [["00", "100025", "5"], ["00", "100026", "6"], ["3171", "100025", "4"]]


@pytest.mark.parametrize(
    "name", ["../../etc/x.json", "/etc/x.json", "a/../../x.json", "..\\x.json", "C:/x.json"]
)
def test_zip_with_paths_outside_is_refused(tmp_path, name: str) -> None:
    with pytest.raises(SourceError, match="points outside"):
        forms_of(tmp_path, {name: answer()})


def test_zip_that_unpacks_to_ten_gigabytes_is_refused_before_it_is_unpacked(tmp_path) -> None:
    path = tmp_path / "sirekap-json" / "bomb.zip"
    path.parent.mkdir()
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("x.json", "w", force_zip64=True) as member,
    ):
        for _ in range(160):
            member.write(b"0" * (1 << 20))
    with pytest.raises(SourceError, match="unpacks to more"):
        list(unpack.zip_members(path, "bomb.zip"))
    with pytest.raises(SourceError, match="unpacks to more"):
        unpack.check_zip(write_zip(tmp_path / "b.zip", {"x": "0" * 5000}), "b.zip", max_bytes=4000)


def test_zip_cut_short_is_refused(tmp_path) -> None:
    path = write_zip(tmp_path / "sirekap-json" / "a.zip", {path_of(CODE): answer()})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match="damaged or cut short"):
        list(sirekap_json.read_forms(path.parent, out(tmp_path)))


def test_downloads_are_parts_by_province_and_all_else_is_one() -> None:
    kept = [Path(f"hhcw/{c}/{v[:2]}/{v[:4]}/{v[:6]}/{v}.ndjson.gz") for c, v in
            (("pdpr", "3171011001"), ("ppwp", "3171011001"), ("ppwp", "1101012001"))]  # fmt: skip
    lists = [Path("manifest-ppwp-3171.csv.gz"), Path("wilayah/0.ndjson.gz")]
    own, shared = sirekap_json.parts([*kept, *lists])
    assert (own, shared) == ([[kept[2]], kept[:2]], lists)
    assert sirekap_json.parts([*kept, Path("answers.zip")]) == ([[*kept, Path("answers.zip")]], [])
