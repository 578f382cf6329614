"""Result forms through the whole job: nothing lost, rules added, plain clones."""

from __future__ import annotations

import pytest

from pipelines.warehouse.read import open_readonly
from tests.support.forms_cases import answer, csv_text, path_of, station, write_gz, write_zip
from tests.support.runs import run_with

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run over handwritten forms of both shapes, some of them wrong."""
    given = tmp_path_factory.mktemp("given")
    rows = [station(1), station(2, suara_tidak_sah="6"), station(3, suara_total="dua")]
    rows += [station(4, pemilih_dpt_j="232120"), station(901), *(station(n) for n in range(10, 50))]
    table = write_gz(given / "31-dki-jakarta.csv.gz", csv_text(rows) + "x,y\n")
    party_ballot = answer(
        chart={"1": {"jml_suara_total": 195, "jml_suara_partai": 100}}, caleg={"1": {"7": 95}}
    )
    answers = {
        path_of("3171011002001"): answer(),
        path_of("3171011002002"): "{",
        path_of("3171011002001", "pdpr"): party_ballot,
    }
    sources = {"sirekap-2024": [table], "sirekap-json": [write_zip(given / "answers.zip", answers)]}
    return run_with(tmp_path_factory.mktemp("small"), sources, ("mart.form_audit",))


@pytest.mark.slow
@pytest.mark.xdist_group("forms")
def test_every_record_read_is_kept_or_quarantined(small, monkeypatch) -> None:
    with open_readonly(small.database) as con:
        rows = con.execute(
            "select source_file, n_read, n_kept, n_quarantined from meta.inputs "
            "where source_file like 'sirekap%' order by 1"
        ).fetchall()
        said = con.execute(
            "select rule from meta.quarantine where source_file like 'sirekap%' order by 1"
        ).fetchall()
    assert rows == [("sirekap-2024/31-dki-jakarta.csv.gz", 46, 44, 2), ("sirekap-json/answers.zip", 3, 2, 1)]
    assert [r for (r,) in said] == ["implausible_figure", "malformed_json", "ragged_row", "type"]


@pytest.mark.slow
@pytest.mark.xdist_group("forms")
def test_tables_hold_one_row_per_station_form_and_choice(small) -> None:
    with open_readonly(small.database) as con:
        count = {t: con.execute(f"select count(*) from {t}").fetchone()[0] for t in (
            "core.tps", "core.result", "core.upload", "core.vote", "mart.form_audit")}  # fmt: skip
        failed = con.execute(
            "select tps_id, failed_rules from mart.form_audit where n_errors > 0 order by 1"
        ).fetchall()
        rule = con.execute("select count(*) from ref.form_rule").fetchone()
    assert count == {
        "core.tps": 45,
        "core.result": 46,
        "core.upload": 46,
        "core.vote": 138,
        "mart.form_audit": 46,
    }
    assert [(t[-3:], r) for t, r in failed] == [
        ("002", "E6;F_same_as_neighbour"),
        ("004", "E1_dpt;I9;F_same_as_neighbour"),
    ]
    assert rule[0] >= 33


@pytest.mark.slow
def test_newest_of_two_sources_is_used_and_the_other_said(tmp_path) -> None:
    table = write_gz(tmp_path / "given" / "31.csv.gz", csv_text([station(n) for n in range(1, 30)]))
    newer = answer(ts="2024-03-01 00:00:00", chart={"100025": 81, "100026": 90, "100027": 24})
    answers = write_zip(tmp_path / "given" / "a.zip", {path_of("3171011001007"): newer})
    done = run_with(
        tmp_path / "root",
        {"sirekap-2024": [table], "sirekap-json": [answers]},
        ("core.result", "mart.result_change_area"),
    )
    with open_readonly(done.database) as con:
        votes = con.execute(
            "select votes from core.vote where tps_id = '3171011001007' order by option_id"
        ).fetchall()
        said = con.execute(
            "select source_file, source_row, value from meta.quarantine where rule = 'superseded'"
        ).fetchall()
        edits = con.execute(
            'select field, "before", "after", changed_at::varchar, source_file from core.result_change order by 1'
        ).fetchall()
        moved = con.execute(
            "select n_tps_changed, n_tps, n_edits, n_votes_moved from mart.result_change_area where area_code = '31'"
        ).fetchall()
        counts = (
            con.execute("select count(*) from core.tps").fetchone(),
            con.execute("select count(*) from core.result").fetchone(),
        )
    assert votes == [(81,), (90,), (24,)] and counts == ((29,), (29,))
    assert said == [("sirekap-2024/31.csv.gz", 8, "3171011001007")]
    newest = ("2024-02-29 17:00:00", edits[0][-1])
    assert edits == [("votes.pair.100025", "80", "81", *newest), ("votes.pair.100027", "25", "24", *newest)]
    assert "sirekap-json/a.zip" in newest[1] and moved == [(1, 29, 2, 2)]


def test_edits_between_copies_are_the_same_in_one_process_and_in_parts(tmp_path) -> None:
    copies = []
    for name, ts, n in (("a", "2024-02-16", 80), ("b", "2024-02-20", 82), ("c", "2024-02-18", 81)):
        changed = answer(ts=f"{ts} 10:00:00", chart={"100025": n, "100026": 90, "100027": 25})
        copies.append(write_zip(tmp_path / "given" / f"{name}.zip", {path_of("3171011001007"): changed}))
    found = []
    for way in ("", "threads"):
        root = tmp_path / f"root{way}"
        done = run_with(
            root,
            {"sirekap-json": copies},
            ("core.result", "core.result_change", "ref.area_lineage"),
            runner=way,
        )
        with open_readonly(done.database) as con:
            found.append(con.execute('select field, "before", "after", changed_at::varchar, first_seen::varchar '
                                     "from core.result_change order by changed_at").fetchall())  # fmt: skip
    assert (
        found[0]
        == found[1]
        == [
            ("votes.pair.100025", "80", "81", "2024-02-18 03:00:00", "2024-02-16 03:00:00"),
            ("votes.pair.100025", "81", "82", "2024-02-20 03:00:00", "2024-02-18 03:00:00"),
        ]
    )


@pytest.mark.slow
@pytest.mark.xdist_group("forms")
def test_parquet_is_partitioned_by_election_and_province(small) -> None:
    folder = small.work / "parquet"
    parts = [p.relative_to(folder).as_posix() for p in sorted((folder / "core.vote").rglob("*.parquet"))]
    assert parts == ["core.vote/election_id=pemilu-2024/province_code=31/data.parquet"]


def test_clone_without_forms_has_the_tables_empty(register_run, warehouse) -> None:
    for table in (
        "core.tps",
        "core.result",
        "core.vote",
        "core.upload",
        "mart.form_audit",
        "mart.form_audit_area",
    ):
        assert warehouse.execute(f"select count(*) from {table}").fetchone() == (0,)
