"""From files to marts: published figures of areas against their stations, and edits of results after publication."""

from __future__ import annotations

import pytest

from pipelines.acquire.changes import Change, changes_csv
from pipelines.sources import SourceError
from pipelines.sources.result_changes import read_changes
from pipelines.warehouse.read import open_readonly
from tests.support.forms_cases import answer, path_of, write_zip
from tests.support.runs import run_with

pytestmark = pytest.mark.build
# A district of which the register knows no official number of stations.
DISTRICT, VILLAGE = "110101", "1101012001"
OTHER = "110102"
RECAP = """
grain: district
gives: areas
election: pemilu-2024
contest: ppwp
codes: kemendagri
columns: {code: kode}
choices: {"100025": satu, "100026": dua, "100027": tiga}
"""
SEEN = ("2024-02-16T09:25:10Z", "2024-02-20T01:00:00Z")


def change(
    tps: str, field: str, before: str, after: str, kind: str = "edited", contest: str = "ppwp"
) -> Change:
    return Change(contest, tps, field, kind, before, after, *SEEN, "Tue, 20 Feb 2024 00:59:00 GMT")


CHANGES = [
    change(f"{VILLAGE}001", "chart.100025", "80", "180"),
    change(f"{VILLAGE}001", "chart.100026", '"90"', "85"),
    change(f"{VILLAGE}001", "ts", '"2024-02-16 10:00:00"', '"2024-02-20 08:00:00"'),
    change(f"{VILLAGE}001", "administrasi.suara_sah", "", "195", "published"),
    change(f"{VILLAGE}002", "http_status", "200", "", "withdrawn"),
    change("3171011001001", "administrasi.suara_sah", "195", "196"),
]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A run over two stations, the figures of their district and province, and a table of changes."""
    given = tmp_path_factory.mktemp("given")
    (given / "changes-ppwp-1101.csv").write_bytes(changes_csv(CHANGES)[0])
    chart = {"100025": 160, "100026": 180, "100027": 50, "persen": 100}
    published = {"ts": "2024-03-01 00:00:00", "table": {}}
    archive = write_zip(given / "a.zip", {
        path_of(f"{VILLAGE}001"): answer(),
        path_of(f"{VILLAGE}002"): answer(),
        path_of(f"{OTHER}2001001"): answer(),
        f"pemilu/hhcw/ppwp/11/1101/{DISTRICT}.json": {**published, "chart": chart},
        "pemilu/hhcw/ppwp/11/1101.json": {**published, "chart": {**chart, "100025": 161}},
        "pemilu/hhcw/ppwp/11.json": {**published, "chart": {**chart, "persen": 0.1}},
    })  # fmt: skip
    # The official recapitulation of another district, as a table of an office: a vote more than its station has.
    (given / "rekap.csv").write_text("kode,nama,satu,dua,tiga\n11.01.02,X,81,90,25\n", encoding="utf-8")
    (given / "rekap.csv.map.yaml").write_text(RECAP, encoding="utf-8")
    files = {
        "sirekap-json": [archive, given / "changes-ppwp-1101.csv"],
        "table": [given / "rekap.csv", given / "rekap.csv.map.yaml"],
    }
    return run_with(
        tmp_path_factory.mktemp("changes"), files, ("mart.form_audit_area", "mart.result_change_area")
    )


@pytest.mark.slow
@pytest.mark.xdist_group("changes")
def test_figures_of_areas_are_compared_with_their_stations_end_to_end(done) -> None:
    query = (
        "select area_code, n_evaluable, n_failed from mart.form_audit_area where rule_id = 'E12' "
        "and election_id = 'pemilu-2024' and (area_code in (?, ?, '11') or level = 'regency') order by 1"
    )
    with open_readonly(done.database) as con:
        found = con.execute(query, [DISTRICT, OTHER]).fetchall()
        official = con.execute("select n_tps from core.exposure_resolution where area_code = '1101' "
                               "and election_id = 'pemilu-2024'").fetchall()  # fmt: skip
    # The regency's figure is wrong, but more stations are official than are here; the province was still counting.
    assert official and found == [("11", 0, 0), ("1101", 0, 0), (DISTRICT, 1, 0), (OTHER, 1, 1)]


@pytest.mark.slow
@pytest.mark.xdist_group("changes")
def test_edits_of_results_are_kept_and_first_publications_are_none(done) -> None:
    with open_readonly(done.database) as con:
        rows = con.execute(
            "select tps_id, field, change, before, after, changed_at::varchar, source_row from core.result_change"
        ).fetchall()
        counted = con.execute(
            "select n_read, n_kept, n_quarantined from meta.inputs where source_file like '%changes-%'"
        ).fetchone()
    assert rows == [
        (f"{VILLAGE}001", "chart.100025", "edited", "80", "180", "2024-02-20 01:00:00", 2),
        (f"{VILLAGE}001", "chart.100026", "edited", '"90"', "85", "2024-02-20 01:00:00", 3),
        (f"{VILLAGE}002", "http_status", "withdrawn", "200", None, "2024-02-20 01:00:00", 6),
        ("3171011001001", "administrasi.suara_sah", "edited", "195", "196", "2024-02-20 01:00:00", 7),
    ]
    assert counted == (4, 4, 0)


@pytest.mark.slow
@pytest.mark.xdist_group("changes")
def test_edits_add_up_for_every_area_and_say_out_of_how_many_forms(done) -> None:
    columns = "n_tps_changed, n_tps, n_edits, n_withdrawn, n_vote_edits, n_votes_moved, largest_change"
    with open_readonly(done.database) as con:
        rows = con.execute(f"select area_code, {columns} from mart.result_change_area").fetchall()
    found = {area: counts for area, *counts in rows}
    assert found[VILLAGE] == [2, 2, 2, 1, 2, 105, 100]
    assert found["11"] == [2, 3, 2, 1, 2, 105, 100] and found["00"] == [3, 3, 3, 1, 2, 105, 100]
    assert found["3171"] == [1, None, 1, 0, 0, 0, None]


def test_city_and_regency_contests_are_told_apart(tmp_path) -> None:
    rows = [change(f"{code}0000000", "chart.1", "1", "2", contest="pkwkk") for code in ("327101", "320101")]
    (tmp_path / "changes-pkwkk-32.csv").write_bytes(changes_csv(rows)[0])
    (found,) = read_changes(tmp_path)
    assert found.frame[["election_id", "contest"]].to_numpy().tolist() == [
        ["pilkada-2024", "walikota"], ["pilkada-2024", "bupati"],
    ]  # fmt: skip


def test_table_of_changes_with_another_header_is_refused(tmp_path) -> None:
    (tmp_path / "changes-x.csv").write_text("contest,tps\nppwp,1\n", encoding="utf-8")
    with pytest.raises(SourceError, match="field"):
        list(read_changes(tmp_path))
