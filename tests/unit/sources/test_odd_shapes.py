"""Inputs of odd shape: each record is kept or quarantined, and nothing ends in a traceback."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from pipelines.sources import SourceError, sirekap_2024, sirekap_json
from pipelines.sources.json_answers import answers
from tests.support.forms_cases import (
    answer,
    csv_text,
    path_of,
    problems,
    station,
    typed,
    validated,
    write_gz,
    write_zip,
)

CODES = [f"3171011001{n:03d}" for n in range(1, 31)]
AREA_ANSWER = {
    "ts": "2024-02-20 10:00:00",
    "chart": {"100025": 10, "100026": 20, "100027": 30, "persen": 50.0},
    "table": {"3171": {"100025": 10}},
}


def read_json(folder: Path, out: Path):
    """(forms found, their problems, rows of areas, records read and lost) of a folder of answers."""
    out.mkdir()
    pairs = list(sirekap_json.read_forms(folder, out))
    texts = [text for text, _ in pairs]
    unreadable = [p for _, p in pairs]
    found = validated(texts, out)
    areas = sum(len(t.frame) for t in sirekap_json.read(folder) if t.table == "core.area_result")
    n_read = sum(sum(t.n_read.values()) for t in texts)
    lost = sum(len(p[p["disposition"] == "quarantined"]) for p in unreadable)
    assert lost == sum(sum(t.n_lost.values()) for t in texts)
    return found, areas, n_read, lost


def test_bundle_of_stations_is_read_one_by_one(tmp_path: Path) -> None:
    bundle = [{"kode": code, **answer()} for code in CODES]
    write_zip(tmp_path / "in" / "a.zip", {"pemilu/hhcw/ppwp/3171.json": bundle})
    found, _, n_read, lost = read_json(tmp_path / "in", tmp_path / "out")
    assert (n_read, lost) == (30, 0) and len(typed(tmp_path / "out")) == 30 and not len(problems(found))
    assert [a.place for a in answers(tmp_path / "in")] == list(range(1, 31))


def test_bundle_by_code_and_lines_without_paths_are_read_too(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ppwp.json").write_text(json.dumps({code: answer() for code in CODES[:3]}))
    lines = [json.dumps({"kode": code, **answer()}) for code in CODES[3:5]]
    (folder / "ppwp.ndjson").write_text("\n".join(lines))
    _, _, n_read, lost = read_json(folder, tmp_path / "out")
    assert (n_read, lost) == (5, 0)


def test_item_of_a_bundle_that_is_none_is_quarantined_alone(tmp_path: Path) -> None:
    bundle = [
        {"kode": CODES[0], **answer()},
        {"kode": CODES[1]},
        3,
        None,
        "x",
        {"nama": "GAMBIR", "kode": "317101"},
    ]
    write_zip(tmp_path / "in" / "a.zip", {"pemilu/hhcw/ppwp/3171.json": bundle})
    _, _, n_read, lost = read_json(tmp_path / "in", tmp_path / "out")
    assert (n_read, lost) == (1, 5)


def test_zip_within_zip_is_read(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {path_of(CODES[0]): answer()})
    write_zip(tmp_path / "in" / "a.zip", {"31.zip": inner.read_bytes(), path_of(CODES[1]): answer()})
    _, _, n_read, lost = read_json(tmp_path / "in", tmp_path / "out")
    assert (n_read, lost) == (2, 0)


def test_zip_too_deep_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "0.zip", {path_of(CODES[0]): answer()})
    for n in (1, 2, 3):
        path = write_zip(tmp_path / ("in" if n == 3 else "") / f"{n}.zip", {"x.zip": path.read_bytes()})
    with pytest.raises(SourceError, match="2 deep"):
        list(answers(tmp_path / "in"))


def test_answers_about_areas_alone_make_no_forms_but_results(tmp_path: Path) -> None:
    write_zip(tmp_path / "in" / "a.zip", {"pemilu/hhcw/ppwp/31.json": AREA_ANSWER})
    _, areas, n_read, lost = read_json(tmp_path / "in", tmp_path / "out")
    assert (areas, n_read, lost) == (3, 0, 0)


def test_pilkada_answer_about_a_city_is_its_mayor(tmp_path: Path) -> None:
    inner = {"chart": {"1000023": 20, "1000024": 10, "progres": {"total": 1, "persen": 100.0, "progres": 1}}}
    value = {"ts": "2024-11-28 10:00:00", "tungsura": inner, "progres": {"total": 1, "progres": 1}}
    members = {"pilkada/hhcw/pkwkk/31/3171.json": value, "pilkada/hhcw/pkwkp/31/3171.json": value}
    write_zip(tmp_path / "in" / "a.zip", members)
    (table,) = sirekap_json.read(tmp_path / "in")
    rows = table.frame
    assert set(rows["contest"]) == {"walikota", "gubernur"} and set(rows["option_id"]) == {
        "1000023",
        "1000024",
    }
    assert set(rows["progress_percent"]) == {"100.0"} and set(rows["election_id"]) == {"pilkada-2024"}


ODD_BODIES = (
    json.dumps(AREA_ANSWER | {"chart": [1, 2]}),
    json.dumps(AREA_ANSWER | {"chart": "x"}),
    json.dumps(AREA_ANSWER | {"ts": "\ud800"}),
    '{"chart": {"\\udc00": 1}}',
    "[" * 100_000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    '[{"kode": "31", "nama": "\\ud83d"}]',
    '[{"kode": {"a": 1}, "nama": "x"}]',
    "3",
    '"x"',
    "null",
    "",
    "{",
    "\xff",
    "9" * 5000,
)


@pytest.mark.parametrize("name", ["pemilu/hhcw/ppwp/31.json", "pemilu/hhcw/ppwp/31/3171011001001.json"])
def test_odd_answer_is_quarantined_and_the_next_one_kept(tmp_path: Path, name: str) -> None:
    for number, (body, code) in enumerate(zip(ODD_BODIES, CODES[1:], strict=False)):
        members = {name: body.encode("latin-1"), path_of(code): answer()}
        write_zip(tmp_path / "in" / f"{number:02d}.zip", members)
    out = tmp_path / "out"
    out.mkdir()
    pairs = list(sirekap_json.read_forms(tmp_path / "in", out))
    found = validated([text for text, _ in pairs], out)
    files = [f"in/{number:02d}.zip" for number in range(len(ODD_BODIES))]
    once = dict.fromkeys(files, 1)
    lost = pd.concat([said for _, said in pairs], ignore_index=True)
    assert lost["disposition"].unique().tolist() == ["quarantined"]
    assert lost["source_file"].value_counts().to_dict() == once
    assert sum((Counter(text.n_lost) for text, _ in pairs), Counter()) == once
    assert sum((Counter(text.n_read) for text, _ in pairs), Counter()) == once
    assert sum((one.kept for one in found), Counter()) == once and not len(problems(found))
    assert not sum(len(t.frame) for t in sirekap_json.read(tmp_path / "in") if t.table == "core.area_result")


@pytest.mark.parametrize("given", [{}, {"wilayah/0.json": []}])
def test_nothing_at_all_is_no_fault(tmp_path: Path, given) -> None:
    write_zip(tmp_path / "in" / "a.zip", given)
    _, areas, n_read, lost = read_json(tmp_path / "in", tmp_path / "out")
    assert (areas, n_read, lost) == (0, 0, 0)


def test_our_own_dot_files_are_no_answers(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in (".state/3171.json", ".log/3171.json", ".x.json", "hhcw/.y/3171.json", "datapackage.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    assert list(answers(folder)) == []


def read_tables(folder: Path, out: Path):
    pairs = list(sirekap_2024.read_forms(folder, out))
    return [t for t, _ in pairs], [p for _, p in pairs]


def test_two_files_of_one_stem_and_an_apostrophe_are_all_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_gz(folder / "31.csv.gz", csv_text([station(1)]))
    (folder / "31.csv").write_text(csv_text([station(2)]))
    (folder / 'o\'brien "x".csv').write_text(csv_text([station(3)]))
    texts, _ = read_tables(folder, tmp_path / "o'ut")
    validated(texts, tmp_path)
    forms = typed(tmp_path)
    assert sorted(forms["tps"]) == ["001", "002", "003"]
    assert 'in/o\'brien "x".csv' in set(forms["source_file"])


def test_lines_that_end_with_cr_alone_are_lines(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "31.csv").write_text(
        csv_text([station(1), station(2, suara_sah="x")]).replace("\n", "\r"), newline=""
    )
    texts, unreadable = read_tables(folder, tmp_path / "out")
    found = validated(texts, tmp_path)
    assert len(typed(tmp_path)) == 1 and not len(unreadable[0])
    assert set(problems(found)["source_row"]) == {3}


def test_line_of_ten_megabytes_is_quarantined_alone(tmp_path: Path) -> None:
    write_gz(
        tmp_path / "in" / "31.csv.gz", csv_text([station(1), station(2, kel="x" * 10_000_000), station(3)])
    )
    texts, (unreadable,) = read_tables(tmp_path / "in", tmp_path / "out")
    validated(texts, tmp_path)
    assert sorted(typed(tmp_path)["tps"]) == ["001", "003"]
    assert unreadable["rule"].tolist() == ["too_long"] and unreadable["source_row"].tolist() == [3]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (csv_text([station(1)]).encode() + b"\n" * 40_000_000, "more than 5,000,000 lines"),
        pytest.param(
            csv_text([station(1)]).encode() + b"\n" * 300_000,
            "more than 100,000 lines",
            marks=pytest.mark.slow,
        ),
        (csv_text([station(1)]).encode() + b"x\n" * 300_000, "more than 100,000 lines"),
        (b"x" * 40_000_000, "no line break within 16 MB"),
        (",".join(f"c{n}" for n in range(40_000)).encode() + b"\n", "40,000 columns; at most 1,000"),
        (b'"' + b"a" * 200_000 + b'"\n', "no header"),
        (b"a,b\rc\nd,e\n", "no header"),
    ],
)
def test_bomb_is_refused_with_the_limit(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "31.csv.gz").write_bytes(gzip.compress(content, 1))
    with pytest.raises(SourceError, match=words):
        read_tables(tmp_path / "in", tmp_path / "out")


def test_list_of_the_stations_of_a_village_is_no_bundle_of_results(tmp_path: Path) -> None:
    listed = [{"nama": "TPS 001", "id": 9, "kode": CODES[0], "tingkat": 5}]
    members = {"wilayah/31/3171/317101/3171011001.json": listed, path_of(CODES[0]): answer()}
    write_zip(tmp_path / "in" / "a.zip", members)
    _, _, n_read, lost = read_json(tmp_path / "in", tmp_path / "out")
    assert (n_read, lost) == (1, 0)
