"""Days before voting become dates where the office has set its voting day; nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.catalog import table
from pipelines.quality.cast import cast
from pipelines.reporting.brief.steps import step_lines
from pipelines.reporting.facts import queries
from pipelines.reporting.facts.calendar import voting_day
from pipelines.reporting.facts.context import Context
from pipelines.reporting.sections.actions import day
from pipelines.reporting.site.checklist import build
from pipelines.reporting.site.render import content
from pipelines.reporting.slides import deck
from pipelines.sources import SourceError
from pipelines.sources.own import read
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection


def context(con: Con, code: str, lang: str = "id") -> Context:
    return Context(con, queries.area(con, code), lang, queries.elections(con, lang), queries.release(con))


def set_day(con: Con, area: str, date: object, election: str = "pilkada-2031") -> None:
    put(con, "ref.voting_days", {"election_id": election, "area_code": area, "voting_date": date})


def test_without_a_voting_day_steps_count_days(warehouse: Con) -> None:
    ctx = context(warehouse, "3171")
    assert voting_day(ctx) is None
    assert day(ctx, -30) == "H−30"
    assert all("," not in step.day for step in step_lines(ctx))


def test_the_nearest_area_that_has_a_day_decides(warehouse: Con) -> None:
    set_day(warehouse, "00", D(2029, 2, 14), "pemilu-2029")
    assert voting_day(context(warehouse, "3171")) == D(2029, 2, 14)
    set_day(warehouse, "31", D(2031, 11, 26))
    assert voting_day(context(warehouse, "3171")) == D(2031, 11, 26)
    assert voting_day(context(warehouse, "7371")) == D(2029, 2, 14)


def test_a_day_that_is_past_is_not_a_coming_one(warehouse: Con) -> None:
    set_day(warehouse, "31", D(2020, 1, 1), "pilkada-2020")
    assert voting_day(context(warehouse, "3171")) is None


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "written"), [("id", "H−30, 27 Okt 2031"), ("en", "V−30, 27 Oct 2031")])
def test_steps_checklist_and_slides_name_dates(warehouse: Con, lang: str, written: str) -> None:
    set_day(warehouse, "31", D(2031, 11, 26))
    ctx = context(warehouse, "3171", lang)
    assert day(ctx, -30) == written
    assert all("2031" in step.day for step in step_lines(ctx))
    sheet = build(ctx, content(warehouse, "3171", lang))
    assert "2031" in repr(sheet.sections[-1])
    put(warehouse, "mart.area_events", {"area_code": "31", "level": "province", "election_id": "pemilu-2024",
        "outcome": "psu", "n": 1, "is_at_least": True, "voting_date": D(2024, 2, 14)})  # fmt: skip
    assert "2031" in repr(deck(warehouse, "31", lang).slides[5])
    assert "2033" in repr(deck(warehouse, "31", lang, voting_day=D(2033, 3, 3)).slides[5])


def test_the_calendar_of_an_office_is_read_and_checked_like_every_input(tmp_path: Path) -> None:
    (tmp_path / "calendar.csv").write_text(
        "election_id,area_code,voting_date\npilkada-2031,52,2031-11-26\npilkada 2031,52,26/11/2031\n"
    )
    (found,) = read(tmp_path)
    assert (found.table, found.n_read) == ("ref.voting_days", 2)
    refused = cast(table("ref.voting_days"), found.frame).refused
    assert list(refused["voting_date"]) == [False, True]
    (tmp_path / "calendar.csv").write_text("area_code,voting_date\n52,2031-11-26\n")
    with pytest.raises(SourceError):
        list(read(tmp_path))
