"""One question has one answer on every page: counts, classes, "none" and both languages of nineteen real pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pipelines import catalog
from pipelines.catalog.vocabulary import LANGS
from pipelines.reporting.model import Report
from pipelines.reporting.sections.actions import grounds_here
from pipelines.reporting.sections.incidents import DONE
from tests.support.reading import section, tables

pytestmark = pytest.mark.xdist_group("one_answer")
AREAS = (
    "00", "31", "73", "95", "35", "53", "91",
    "3171", "5206", "9501", "7371", "5302", "1572", "9103", "8202", "3573", "1271", "7317", "9506",
)  # fmt: skip
CLASSES = ("confirmed_several", "supported_once", "number_open", "watch_list")


@dataclass(frozen=True)
class Pages:
    """Contents by area and language, and the rows they must agree with."""

    contents: dict[tuple[str, str], Report]
    zeros: dict[str, dict[tuple[str, str], dict[str, Any]]]


@pytest.fixture(scope="module")
def con(register_run) -> Iterator[Any]:
    from pipelines.warehouse.read import open_readonly

    with open_readonly(register_run.database) as open_con:
        yield open_con


@pytest.fixture(scope="module")
def pages(con) -> Pages:
    """Every page made once, as content; nothing is drawn for a browser or for paper."""
    from pipelines.reporting.facts.queries import fetch
    from pipelines.reporting.site.render import content

    zeros: dict[str, dict[tuple[str, str], dict[str, Any]]] = {area: {} for area in AREAS}
    for row in fetch(con, "select * from mart.three_zeros where list_contains(?, area_code)", [list(AREAS)]):
        zeros[row["area_code"]][row["election_id"], row["outcome"]] = row
    return Pages({(a, lang): content(con, a, lang) for a in AREAS for lang in LANGS}, zeros)


def values(report: Report) -> list[Any]:
    """Every value behind a cell, in order: what is the same in every language."""
    found = []
    for part in report.sections:
        for table in tables(part):
            found += [(part.key, cell.value) for group in table.groups for row in group.rows for cell in row]
    return found


def incident_rows(report: Report) -> Iterator[tuple[str, str, str, bool, int]]:
    """(heading, election, outcome, whether it was held, TPS) of every line of the table of incidents."""
    for table in tables(section(report, "incidents")):
        titles = [column.title for column in table.columns]
        held = titles.index(catalog.label("status", "held", report.lang).capitalize())
        for group in table.groups:
            election, outcome = group.title.split(" · ")[:2]
            for row in group.rows:
                n = row[titles.index("TPS")].value
                yield (
                    group.title,
                    election,
                    outcome,
                    row[held].text.startswith(DONE),
                    n if isinstance(n, int) else 1,
                )


@pytest.mark.parametrize("area", AREAS)
def test_a_page_says_the_same_in_both_languages(pages: Pages, area: str) -> None:
    one, other = (pages.contents[area, lang] for lang in LANGS)
    words = {
        "actions",
        "incidents",
        "disputes",
        "recap",
        "findings",
    }  # laws and grounds in words of the language
    assert [v for v in values(one) if v[0] not in words] == [v for v in values(other) if v[0] not in words]
    assert [s.key for s in one.sections] == [s.key for s in other.sections]
    assert one.brief is not None and other.brief is not None
    assert [(t.key, t.tone, [m.state for m in t.strip]) for t in one.brief.tiles] == [
        (t.key, t.tone, [m.state for m in t.strip]) for t in other.brief.tiles
    ]
    assert [(p.rank, p.code) for p in one.brief.places] == [(p.rank, p.code) for p in other.brief.places]


@pytest.mark.parametrize("area", AREAS)
def test_the_table_of_all_elections_is_the_three_zeros(pages: Pages, area: str) -> None:
    report = pages.contents[area, "en"]
    (table,) = tables(section(report, "all_elections"))
    outcomes = [
        code for code in catalog.code_lists()["outcome"] if any(o == code for _, o in pages.zeros[area])
    ]
    for row in table.groups[0].rows:
        for outcome, cell in zip(outcomes, row[2:], strict=True):
            known = pages.zeros[area].get((row[0].value, outcome))
            assert cell.value == (known["value"] if known else None), (row[0].value, outcome)
            if known and known["value"] is None:
                assert cell.text == catalog.label("coverage", known["coverage"], "en")


@pytest.mark.parametrize("area", [a for a in AREAS if a != "00"])
def test_headings_of_incidents_count_what_the_zeros_count(pages: Pages, area: str) -> None:
    report = pages.contents[area, "en"]
    expected: Counter[str] = Counter()
    for (election, _), row in pages.zeros[area].items():
        expected[SHORT[election]] += row["held_lower"] or 0
    listed: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for title, election, _, is_held, n in incident_rows(report):
        listed[title] += n
        held[election] += n if is_held else 0
    for table in tables(section(report, "incidents")):
        if any("incidents are shown" in note for note in table.notes):
            continue
        assert +held == +expected
        for group in table.groups:
            stated = re.search(r": ([\d,]+) TPS(?= ·|$)", group.title)
            assert stated and int(stated[1].replace(",", "")) == listed[group.title], group.title


SHORT: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def names(con) -> None:
    from pipelines.reporting.facts.queries import elections

    SHORT.update({one.election_id: one.short for one in elections(con, "en").values()})


@pytest.mark.parametrize("area", AREAS)
def test_none_is_said_only_where_nothing_on_the_page_happened(pages: Pages, area: str) -> None:
    report = pages.contents[area, "en"]
    assert report.brief is not None
    psu = next(tile for tile in report.brief.tiles if tile.key == "psu")
    elections = list(dict.fromkeys(e for e, o in sorted(pages.zeros[area], key=_by_date(pages.zeros[area]))))
    assert len(psu.strip) == len(elections)
    for mark, election in zip(psu.strip, elections, strict=True):
        row = pages.zeros[area][election, "psu"]
        expected = (
            "happened"
            if row["value"]
            else "ordered"
            if row["ordered_lower"]
            else "none"
            if row["coverage"] == "complete"
            else "unknown"
        )
        assert mark.state == expected, election
    if area == "00":
        return
    psu_label = short_outcome("psu")
    happened = {e for _, e, outcome, is_held, _ in incident_rows(report) if is_held and outcome == psu_label}
    for mark, election in zip(psu.strip, elections, strict=True):
        if mark.state in ("none", "unknown"):
            assert SHORT[election] not in happened, election


def short_outcome(code: str) -> str:
    return str(catalog.code_lists()["outcome"][code]["short_en"])


def _by_date(rows: dict[tuple[str, str], dict[str, Any]]):
    return lambda key: (rows[key]["voting_date"], key)


@pytest.mark.parametrize("area", AREAS)
def test_figures_of_the_tiles_are_those_of_the_zeros(pages: Pages, area: str) -> None:
    report = pages.contents[area, "en"]
    assert report.brief is not None
    for tile in report.brief.tiles:
        digits = "".join(c for c in tile.figure.split(" TPS")[0] if c.isdigit())
        if not digits:
            continue
        rows = [row for (_, outcome), row in pages.zeros[area].items() if outcome == tile.key]
        assert int(digits) in {
            n for row in rows for n in (row["value"], row["ordered_lower"]) if n is not None
        }
        assert ("≥" in tile.figure) <= any(row["coverage"] != "complete" for row in rows)


@pytest.mark.parametrize("area", [a for a in AREAS if a != "00"])
def test_steps_count_the_same_stations_as_the_incidents(pages: Pages, con, area: str) -> None:
    from pipelines.reporting.facts import queries
    from pipelines.reporting.facts.context import Context

    place = queries.area(con, area)
    here = grounds_here(Context(con, place, "en", queries.elections(con, "en"), queries.release(con)))
    (total,) = con.execute(
        "select coalesce(sum(n_tps), 0) from mart.incidents where status in ('held', 'decided') and not is_within"
        " and starts_with(area_code, ?) and not contains(area_code, '-')",
        [area],
    ).fetchone()
    assert here.n_tps == total == sum(g.n for g in here.grounds) + here.n_unstated
    (counted,) = con.execute(
        "select coalesce(sum(lower), 0) from mart.counts where measure = 'ordered' and area_code = ?", [area]
    ).fetchone()
    assert total == counted


def test_an_area_has_one_class_of_evidence_wherever_it_is_listed(pages: Pages, con) -> None:
    odd = """
        select p.area_code, p.evidence, f.evidence
        from (select distinct area_code, evidence from mart.priority_places) p
        join (select distinct area_code, evidence from mart.first_places) f using (area_code)
        where (f.evidence in ('confirmed_several', 'supported_once')) and p.evidence <> f.evidence
    """
    assert con.execute(odd).fetchall() == []
    several = "select area_code from mart.first_places group by 1 having count(distinct evidence) > 1"
    assert con.execute(several).fetchall() == []
    classes = dict(con.execute("select distinct area_code, evidence from mart.priority_places").fetchall())
    labels = {catalog.label("evidence", code, "en"): code for code in CLASSES}
    for area in AREAS:
        brief = pages.contents[area, "en"].brief
        assert brief is not None
        for place in brief.places:
            said = labels.get(place.tag)
            assert said == (classes[place.code] if classes[place.code] in CLASSES else None), (area, place)


def test_parts_never_exceed_the_whole_and_no_silent_area_has_an_event(con) -> None:
    query = """
        select w.election_id, w.kind, w.measure, w.area_code, w.lower, sum(p.lower)
        from mart.counts w
        join ref.areas a on a.parent_code = w.area_code
        join mart.counts p on p.area_code = a.area_code and p.election_id = w.election_id and p.kind = w.kind
            and p.measure = w.measure
        where not contains(w.area_code, '-')
        group by all having sum(p.lower) > w.lower
    """
    assert con.execute(query).fetchall() == []
    silent = """
        select h.area_code, h.election_id from mart.hotspots h
        join mart.counts c on c.area_code = h.area_code and c.election_id = h.election_id and c.kind = h.outcome
        where h.evidence = 'silent' and c.measure = 'ordered' and c.lower > 0
    """
    assert con.execute(silent).fetchall() == []
    both = "select count(*) from mart.hotspots where evidence = 'not_comparable' and state = 'silent'"
    assert con.execute(both).fetchone() == (0,)
