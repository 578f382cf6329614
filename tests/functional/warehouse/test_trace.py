"""From a row or a printed number back to file, line and page; and an entry that proposes a correction."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from click.testing import CliRunner

import titikrawan
from pipelines import catalog
from pipelines.cli.main import build
from pipelines.warehouse import about
from tests.support.invented import put
from tests.support.readable import make
from titikrawan import trace
from titikrawan.correct import CorrectionError, propose
from titikrawan.place import VARIABLE


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[titikrawan.Session]:
    path = make(tmp_path_factory.mktemp("trace") / "titikrawan.duckdb")
    with titikrawan.connect(path) as session:
        yield session


def test_a_sum_leads_to_the_lines_of_its_parts(con: titikrawan.Session) -> None:
    found = trace.trace_row(con, "counts", ["pemilu-2024", "31", "psu", "held"])
    assert [(one.claim_id, one.source_file, one.source_row) for one in found] == [
        ("a", "register/revotes.csv", 2),
        ("b", "register/revotes.csv", 3),
    ]
    assert found[0].source_url == "https://example.org/psu"
    assert found[0].through[-1] == "sum/pemilu-2024/31/psu/held"


def test_a_row_without_claims_rests_on_what_is_known_of_its_area(con: titikrawan.Session) -> None:
    con.close()
    key = con.execute(
        "select scope_code, election_id, outcome, level, area_code from mart.hotspots limit 1"
    ).fetchone()
    assert key is not None
    for one in trace.trace_row(con, "mart.hotspots", [str(part) for part in key]):
        assert one.source_file and one.through[0].startswith("mart.hotspots")


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> Iterator[titikrawan.Session]:
    """The same with a ballot of an incident, a cluster, a station with its audit, and what tables are made from."""
    path = make(tmp_path_factory.mktemp("more") / "titikrawan.duckdb")
    with duckdb.connect(str(path)) as con:
        con.register("lineage", about.lineage_frame((*catalog.load(), *catalog.views())))
        con.execute("insert into meta.lineage by name select * from lineage")
        incident = {"incident_id": "i", "election_id": "pemilu-2024", "claim_ids": "a;b"}
        put(con, "mart.incidents", incident)
        put(con, "mart.incident_ballots", {"incident_id": "i", "contest": "dpr", "is_by_all": False})
        cluster = {"scope_code": "00", "election_id": "pemilu-2024", "outcome": "psu", "method": "circle"}
        put(
            con,
            "mart.clusters",
            cluster | {"cluster_rank": 9, "area_code": "9999", "member_codes": "9999;7371"},
        )
        recap = {
            "election_id": "pemilu-2024",
            "milestone": "recap_regency",
            "area_code": "7371",
            "level": "regency",
        }
        put(
            con,
            "mart.recap_timeliness",
            recap | {"tps_per_district": 266.93, "claim_id": "c", "is_unit": True},
        )
        station = {"election_id": "pemilu-2024", "contest": "ppwp", "tps_id": "7371011001001"}
        put(con, "core.result", station | {"source_file": "sirekap/a.csv", "source_row": 8})
        put(con, "mart.form_audit", station | {"n_errors": 1})
        area = {"election_id": "pemilu-2024", "contest": "ppwp", "area_code": "7371", "rule_id": "E9"}
        put(con, "mart.form_audit_area", area | {"n_failed": 1})
    with titikrawan.connect(path) as session:
        yield session


def behind(con: titikrawan.Session, name: str, *key: str) -> list[tuple[str, int]]:
    return [(one.source_file, one.source_row) for one in trace.trace_row(con, name, key)]


def test_a_row_that_names_no_claim_leads_through_the_row_it_belongs_to(more: titikrawan.Session) -> None:
    assert behind(more, "incident_ballots", "i", "dpr") == [
        ("register/revotes.csv", 2),
        ("register/revotes.csv", 3),
    ]
    (origin, _) = trace.trace_row(more, "incident_ballots", ["i", "dpr"])
    assert origin.through == ("mart.incident_ballots i dpr", "mart.incidents i")


def test_a_cluster_leads_to_the_claims_of_all_its_areas(more: titikrawan.Session) -> None:
    assert behind(more, "clusters", "00", "pemilu-2024", "psu", "circle", "9") == [
        ("register/revotes.csv", 4)
    ]


def test_a_page_leads_to_the_lines_that_cite_it(more: titikrawan.Session) -> None:
    assert behind(more, "sources", "https://example.org/psu") == [
        ("register/revotes.csv", n) for n in (2, 3, 4)
    ]


def test_a_station_leads_to_the_line_of_its_form_and_to_no_claim_about_its_area(
    more: titikrawan.Session,
) -> None:
    assert behind(more, "form_audit", "pemilu-2024", "ppwp", "7371011001001") == [("sirekap/a.csv", 8)]
    assert behind(more, "form_audit_area", "pemilu-2024", "ppwp", "7371", "E9") == []
    assert trace.computed_from(more, "form_audit_area") == ["core.form_count", "ref.form_rule"]


def test_a_row_about_many_areas_says_what_it_is_computed_from(more: titikrawan.Session) -> None:
    assert trace.computed_from(more, "mart.dispersion") == ["core.hotspot_input", "ref.areas"]
    assert trace.computed_from(more, "mart.counts") == []
    key = more.execute(
        "select scope_code, election_id, outcome, level from mart.dispersion limit 1"
    ).fetchone()
    assert key is not None
    place = {VARIABLE: str(more.path), "TITIKRAWAN_ROOT": str(more.path.parent)}
    found = CliRunner().invoke(build("en"), ["trace", "dispersion", *map(str, key)], env=place)
    assert found.exit_code == 0 and "core.hotspot_input, ref.areas" in " ".join(found.output.split())


def test_a_printed_number_leads_to_the_facts_that_show_it(con: titikrawan.Session) -> None:
    facts = trace.printed(con, "31", 5)
    assert "mart.counts/pemilu-2024/31/psu/held" in [one.fact_id for one in facts]
    origins = trace.trace_fact(con, "mart.counts/pemilu-2024/31/psu/held")
    assert {one.claim_id for one in origins} == {"a", "b"}


def test_a_number_of_an_area_below_is_found_where_the_area_itself_has_none(more: titikrawan.Session) -> None:
    (below,) = [one for one in trace.printed(more, "73", 4) if one.fact_id.startswith("mart.counts/")]
    assert below.fact_id == "mart.counts/pemilu-2024/7371/psu/held" and "Kota Makassar" in below.said
    assert all("/7371/" in one.fact_id for one in trace.printed(more, "7371", 4))


def test_a_number_that_a_report_computes_leads_to_the_fact_it_belongs_to(more: titikrawan.Session) -> None:
    (fact,) = trace.printed(more, "7371", 266.9)
    assert fact.fact_id == "mart.recap_timeliness/pemilu-2024/recap_regency/7371"
    assert [one.source_row for one in trace.trace_fact(more, fact.fact_id)] == [4]


def test_a_line_of_a_file_is_a_claim_too(con: titikrawan.Session) -> None:
    for claim in ("row/register/revotes.csv/4", "register/revotes.csv:4"):
        found = trace.trace_claim(con, claim)
        assert [(one.table, one.source_row) for one in found] == [("core.revote_claim", 4)]


@pytest.mark.parametrize(
    ("name", "key", "word"),
    [
        ("counts", ["pemilu-2024"], "found by its key"),
        ("counts", ["pemilu-2024", "99", "psu", "held"], "no row"),
        ("nothing", ["x"], "no table"),
    ],
)
def test_what_cannot_be_traced_is_said(con: titikrawan.Session, name: str, key: list[str], word: str) -> None:
    with pytest.raises((trace.NothingTracedError, trace.UnknownTableError), match=word):
        trace.trace_row(con, name, key)
    with pytest.raises(trace.NothingTracedError, match="nothing in the release"):
        trace.trace_claim(con, "' or 1=1 --")


def test_a_correction_names_what_it_expects_to_find(con: titikrawan.Session) -> None:
    entry = propose(con, "a", "n_tps", "7", "https://example.org/mended")["correction"]
    assert (entry["file"], entry["line"], entry["expected"], entry["new"]) == (
        "register/revotes.csv",
        2,
        "2",
        "7",
    )
    assert con.execute("select n_tps from core.revote_claim where event_id = 'a'").fetchone() == (2,)


@pytest.mark.parametrize(
    ("column", "new", "source", "word"),
    [
        ("n_tps", "many", "https://example.org/x", "cannot hold many"),
        ("n_tps", "1.5", "https://example.org/x", "cannot hold 1.5"),
        ("n_tps", "-5", "https://example.org/x", "it takes >= 0"),
        ("status", "maybe", "https://example.org/x", "it takes reported"),
        ("status", "", "https://example.org/x", "cannot hold ''"),
        ("area_code", "9999", "https://example.org/x", "it takes ref.areas"),
        ("n_tps", "2", "https://example.org/x", "holds 2 already"),
        ("n_tps", "7", "somebody told me", "is no page"),
        ("source_row", "7", "https://example.org/x", "no column source_row"),
    ],
)
def test_a_correction_that_says_nothing_is_refused(
    con: titikrawan.Session, column: str, new: str, source: str, word: str
) -> None:
    with pytest.raises(CorrectionError, match=word):
        propose(con, "a", column, new, source)


def test_a_sum_is_corrected_in_one_of_its_claims(con: titikrawan.Session) -> None:
    with pytest.raises(CorrectionError, match="rests on 2 claims; correct one of them: a, b"):
        propose(con, "sum/pemilu-2024/31/psu/held", "n_tps", "9", "https://example.org/x")


def test_the_commands_print_file_line_and_page(
    con: titikrawan.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(con.path.parent))
    monkeypatch.setenv(VARIABLE, str(con.path))

    def said(*words: str) -> str:
        done = CliRunner().invoke(build("en"), [*words])
        assert done.exit_code == 0, done.output
        return done.output

    told = said("trace", "counts", "pemilu-2024", "3171", "psu", "held")
    assert "data/raw/register/revotes.csv, line 2" in told and "https://example.org/psu" in told
    assert "mart.counts/pemilu-2024/31/psu/held" in said("trace", "--area", "31", "5")
    entry = said("correct", "a", "n_tps", "7", "--source", "https://example.org/mended")
    assert "expected: '2'" in entry and "new: '7'" in entry
