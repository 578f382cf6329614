"""Sirekap as a table: every line is accounted for, and bad ones say what is wrong."""

from __future__ import annotations

import gzip
from itertools import count

import pandas as pd
import pytest

from pipelines.catalog.forms import batches
from pipelines.sources import SourceError, sirekap_2024
from pipelines.sources.unpack import chunks
from tests.support.forms_cases import csv_text, problems, station, typed, validated, write_gz


def read(tmp_path, text: str):
    write_gz(tmp_path / "sirekap-2024" / "31-dki.csv.gz", text)
    return list(sirekap_2024.read_forms(tmp_path / "sirekap-2024", tmp_path / "plain"))


def test_a_good_row_becomes_a_form_with_its_votes(tmp_path) -> None:
    ((text, unreadable),) = read(tmp_path, csv_text([station(1), station(2)]))
    found = validated([text], tmp_path)
    assert text.n_read == {"sirekap-2024/31-dki.csv.gz": 2} and not len(unreadable)
    forms, votes = typed(tmp_path), typed(tmp_path, "votes")
    assert forms["tps_id"].tolist() == ["3171011001001", "3171011001002"]
    assert forms["dpt_female"].tolist() == [130, 130] and forms["source_row"].tolist() == [2, 3]
    assert str(forms["first_upload"].iloc[0]) == "2024-02-14 20:15:00"
    assert votes.groupby("option_id")["votes"].first().to_dict() == {"100025": 80, "100026": 90, "100027": 25}
    assert sum(found[0].kept.values()) == 2


def test_empty_cells_stay_unknown_and_are_no_zero(tmp_path) -> None:
    row = station(1, paslon1="", paslon2="", paslon3="", suara_sah="", upload_first="")
    ((text, _),) = read(tmp_path, csv_text([row, station(2)]))
    validated([text], tmp_path)
    forms = typed(tmp_path).set_index("tps")
    assert forms["votes_valid"].isna().to_dict() == {"001": True, "002": False}
    assert typed(tmp_path, "votes")["tps_id"].unique().tolist() == ["3171011001002"]


def test_lines_that_are_no_record_are_found_without_losing_their_neighbours(tmp_path) -> None:
    lines = csv_text([station(n) for n in range(1, 7)]).splitlines()
    lines[2] = lines[2].replace("gambir", '"gambir', 1)  # a quote that never closes
    lines[3] = lines[3] + ",9"
    lines[4] = ""
    lines[5] = lines[5].rsplit(",", 3)[0]
    ((text, unreadable),) = read(tmp_path, "\n".join(lines))
    validated([text], tmp_path)
    assert unreadable["rule"].tolist() == ["open_quote", "ragged_row", "ragged_row"]
    assert unreadable["source_row"].tolist() == [3, 4, 6]
    forms = typed(tmp_path)
    assert forms["tps"].tolist() == ["001", "006"] and forms["source_row"].tolist() == [2, 7]
    assert sum(text.n_read.values()) + sum(text.n_lost.values()) == 5  # the blank line is no record


def test_bytes_that_are_not_utf8_cost_only_their_line(tmp_path) -> None:
    text = csv_text([station(1), station(2, kel="KEBON"), station(3)]).encode().replace(b"KEBON", b"KEB\xd3N")
    path = tmp_path / "sirekap-2024" / "31-dki.csv.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(text))
    ((text, unreadable),) = sirekap_2024.read_forms(path.parent, tmp_path / "plain")
    validated([text], tmp_path)
    assert unreadable["rule"].tolist() == ["not_utf8"] and typed(tmp_path)["tps"].tolist() == ["001", "003"]


def test_windows_line_ends_and_quoted_commas_are_fine(tmp_path) -> None:
    text = csv_text([station(1, kel="tanjung, saba"), station(2)]).replace("\n", "\r\n")
    ((text, unreadable),) = read(tmp_path, text)
    validated([text], tmp_path)
    assert not len(unreadable) and typed(tmp_path)["village"].tolist() == ["tanjung, saba", "gambir"]


BAD_CELLS: list[tuple[dict[str, str], str, str]] = [
    ({"suara_sah": "1.5"}, "type", "votes_valid"),
    ({"suara_sah": "007"}, "type", "votes_valid"),
    ({"suara_sah": "1e3"}, "type", "votes_valid"),
    ({"suara_sah": " 5"}, "type", "votes_valid"),
    ({"suara_sah": "seratus"}, "type", "votes_valid"),
    ({"suara_sah": "-1"}, "range", "votes_valid"),
    ({"paslon2": "-3"}, "range", "votes[100026]"),
    ({"paslon2": "9o"}, "type", "votes[100026]"),
    ({"ts": "16/02/2024"}, "type", "published_at"),
    ({"upload_first": "kemarin"}, "type", "first_upload"),
    ({"no_tps": "1"}, "pattern", "tps"),
    ({"kode_tps": "31710110010"}, "pattern", "tps_id"),
    ({"kode_kab": "3199", "kode_kec": "319901", "kode_kel": "3199011001"}, "unknown_area", "area_code"),
]


def test_a_bad_cell_keeps_out_its_row_only(tmp_path) -> None:
    """A good row stands before each bad one, and one behind the last."""
    rows = [station(1)]
    for n, (changes, _, _) in enumerate(BAD_CELLS, 1):
        rows += [station(2 * n) | changes, station(2 * n + 1)]
    ((text, _),) = read(tmp_path, csv_text(rows))
    (found,) = validated([text], tmp_path)
    said = problems([found])
    for line, (changes, rule, column) in zip(count(3, 2), BAD_CELLS, strict=False):
        row = said[(said["rule"] == rule) & (said["source_row"] == line)].iloc[0]
        assert (row["column_name"], row["disposition"]) == (column, "quarantined"), changes
        assert f"line {line}" in row["message_en"] and f"baris {line}" in row["message_id"]
    n_bad = len(BAD_CELLS)
    assert sum(found.kept.values()) == n_bad + 1 and sum(found.refused.values()) == n_bad
    assert len(typed(tmp_path)) == typed(tmp_path, "votes")["tps_id"].nunique() == n_bad + 1
    assert typed(tmp_path)["source_row"].tolist() == [2, *range(4, 2 * n_bad + 3, 2)]


def test_a_figure_no_station_can_have_is_kept_with_a_warning(tmp_path) -> None:
    ((text, _),) = read(tmp_path, csv_text([station(1, pemilih_dpt_j="232120")]))
    (found,) = validated([text], tmp_path)
    said = problems([found])
    assert said[["rule", "disposition"]].to_numpy().tolist() == [["implausible_figure", "kept_with_warning"]]
    assert typed(tmp_path)["dpt_total"].tolist() == [232120]


def test_district_unknown_within_a_known_regency_is_kept_at_the_level_above(tmp_path) -> None:
    row = station(1, kode_prov="96", kode_kab="9671", kode_kec="967144", kode_kel="9671441001")
    ((text, _),) = read(tmp_path, csv_text([row]))
    said = problems(validated([text], tmp_path))
    assert (
        said["rule"].tolist() == ["unknown_district"] and said["disposition"].iloc[0] == "kept_with_warning"
    )
    form = typed(tmp_path).iloc[0]
    assert form["area_code"] == "9671" and pd.isna(form["district_code"])


def test_overseas_and_special_locations_are_kept(tmp_path) -> None:
    abroad = station(1, kode_prov="99", kode_kab="9901", kode_kec="990101", kode_kel="9901010001")
    ((text, _),) = read(tmp_path, csv_text([abroad, station(901)]))
    found = validated([text], tmp_path)
    assert not len(problems(found))
    forms = typed(tmp_path).set_index("tps")
    assert forms["is_overseas"].to_dict() == {"901": False, "001": True}
    assert forms["is_special"].to_dict() == {"901": True, "001": False}


def test_repeated_station_is_used_once_and_contradicting_ones_not_at_all(tmp_path) -> None:
    rows = [station(1), station(2), station(2), station(3), station(3, paslon1="81")]
    ((text, _),) = read(tmp_path, csv_text(rows))
    (found,) = validated([text], tmp_path)
    said = problems([found])
    assert sorted(said["rule"]) == ["conflicting_duplicate", "conflicting_duplicate", "duplicate_row"]
    assert typed(tmp_path)["tps"].tolist() == ["001", "002"]
    assert sum(found.kept.values()) + sum(found.refused.values()) == 5


def test_gzip_cut_short_is_refused(tmp_path) -> None:
    path = write_gz(
        tmp_path / "sirekap-2024" / "31-dki.csv.gz", csv_text([station(n) for n in range(1, 400)])
    )
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="cut short"):
        list(sirekap_2024.read_forms(path.parent, tmp_path / "plain"))


def test_what_unpacks_without_end_is_refused(tmp_path) -> None:
    path = tmp_path / "zeros.csv.gz"
    path.write_bytes(gzip.compress(b"0" * (1 << 27)))
    with pytest.raises(SourceError, match="unpacks to more"):
        sum(len(c) for c in chunks(path, "zeros.csv.gz"))


def test_wrong_header_and_empty_file_are_refused(tmp_path) -> None:
    with pytest.raises(SourceError, match="wrong header"):
        read(tmp_path, csv_text([station(1)]).replace("suara_sah", "sah", 1))
    with pytest.raises(SourceError, match="empty"):
        read(tmp_path, "")


@pytest.mark.parametrize("order", ["same columns", "other order of columns"])
def test_files_that_are_read_together_keep_their_lines_apart(tmp_path, order: str) -> None:
    folder = tmp_path / "sirekap-2024"
    last = [station(5), station(6, suara_total="dua"), station(7)]
    if order != "same columns":
        last = [dict(reversed(row.items())) for row in last]
    write_gz(folder / "11.csv.gz", csv_text([station(n) for n in range(1, 4)]) + "cut,short\n")
    write_gz(folder / "12.csv.gz", csv_text([station(1)]).partition("\n")[0] + "\n")
    write_gz(folder / "13.csv.gz", csv_text(last))
    texts = [text for text, _ in sirekap_2024.read_forms(folder, tmp_path / "plain")]
    (joined,) = batches(texts, 1_000)
    assert len(joined.files) == (3 if order == "same columns" else 0)
    found = validated([joined], tmp_path)
    forms = typed(tmp_path).sort_values("tps")
    assert list(zip(forms["tps"], forms["source_file"].str[-9:-7], forms["source_row"], strict=True)) == [
        ("001", "11", 2), ("002", "11", 3), ("003", "11", 4), ("005", "13", 2), ("007", "13", 4)
    ]  # fmt: skip
    (refused,) = problems(found).to_dict("records")
    assert refused["message_en"].startswith("sirekap-2024/13.csv.gz, line 3, column votes_total")
    assert typed(tmp_path, "votes").groupby("option_id")["votes"].sum().to_dict() == {
        "100025": 400, "100026": 450, "100027": 125
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "31'||(select content from read_text(chr(47)||'etc'))||'.csv.gz",
        "31-[a-z]*.csv.gz",
        "31-\x1b[2J.csv.gz",
        'a"b.csv.gz',
    ],
)
def test_a_file_name_is_only_a_name(tmp_path, name: str) -> None:
    write_gz(tmp_path / "sirekap-2024" / name, csv_text([station(1), station(2)]))
    write_gz(tmp_path / "sirekap-2024" / "31-a.csv.gz", csv_text([station(3)]))
    texts = [text for text, _ in sirekap_2024.read_forms(tmp_path / "sirekap-2024", tmp_path / "plain")]
    validated(texts, tmp_path)
    assert typed(tmp_path).groupby("source_file").size().to_dict() == {
        f"sirekap-2024/{name}": 2,
        "sirekap-2024/31-a.csv.gz": 1,
    }
