"""The slides of a province or the nation, in meeting order."""

from __future__ import annotations

import datetime as dt

from pipelines.catalog.messages import Message

from ..brief.evidence import Evidence, read
from ..brief.headline import headline
from ..brief.sure import sure
from ..errors import ReportError
from ..facts import queries
from ..facts.context import Context
from ..files import file_name
from ..language import numbers
from ..model import Cell, Column
from .changes import Changed, changes_slide
from .foot import foot
from .model import Deck, Grid, Slide
from .places import places_slide, repeats_slide
from .steps import steps_slide
from .unknown import unknown_slide
from .zeros import PARTS, area_slide, parts_slide

LEVELS = tuple(PARTS)
MOST_SOURCES = 12
LONGEST_TITLE = 90


def deck(
    con: queries.Con,
    code: str,
    lang: str,
    changed: Changed | None = None,
    voting_day: dt.date | None = None,
) -> Deck:
    """Return the presentation of an area.

    Args:
        con: an open warehouse. code: a province or the nation. changed: differences from the previous release.
        voting_day: of the coming election, if given here instead of in the office's calendar.

    Raises:
        ReportError: an unknown area, or one below a province, whose slides its meeting should use.
    """
    area, release = queries.area(con, code), queries.release(con)
    if area.level not in LEVELS:
        above = queries.area(con, area.code[:2])
        raise ReportError(Message("slides.only_provinces", area=area.name, code=above.code, above=above.name))
    ctx = Context(con, area, lang, queries.elections(con, lang), release, voting_day)
    if not ctx.has("mart.area_events", "mart.priority_places", "mart.three_zeros"):
        raise ReportError(Message("slides.no_evidence"))
    found = read(ctx)
    slides = (
        _opening(ctx, found),
        area_slide(ctx, found),
        parts_slide(ctx),
        repeats_slide(ctx),
        places_slide(ctx, found),
        steps_slide(ctx),
        changes_slide(ctx, changed),
        unknown_slide(ctx, found),
        _sources(ctx, found),
    )
    return Deck(
        ctx.say("slides.title", area=numbers.short_area(area.name)),
        ctx.say("slides.subtitle"),
        lang,
        slides,
        ctx.say("report.simulated") if release.is_simulated else "",
    )


def _opening(ctx: Context, found: Evidence) -> Slide:
    """Build the headline and the agenda."""
    say = ctx.say
    agenda = (
        say("slides.agenda_zeros"), say("slides.agenda_repeats"), say("slides.agenda_places"),
        say("slides.agenda_steps"), say("slides.agenda_changes"), say("slides.agenda_unknown"),
    )  # fmt: skip
    grid = Grid(
        (Column(say("slides.rank"), "end", 0.6), Column(say("slides.agenda"), width=10.0)),
        tuple((Cell(str(k)), Cell(text)) for k, text in enumerate(agenda, 1)),
        say("slides.agenda"),
    )
    title = say("slides.title", area=numbers.short_area(ctx.area.name))
    return Slide(
        title,
        foot(ctx, "", say("slides.certain_opening")),
        headline(ctx, found),
        grid,
        notes=(say("slides.subtitle"),),
    )


def _sources(ctx: Context, found: Evidence) -> Slide:
    """Build the slide on certainty, with the pages cited by these slides."""
    say = ctx.say
    for row in found.zeros.values():
        if row["value"] is not None:
            ctx.cite(row)
    shown = ctx.sources[:MOST_SOURCES]
    title = say("slides.sources_title")
    report = file_name(ctx.area, ctx.lang, "html")
    ending = foot(ctx, "", say("slides.certain_sources"))
    notes = (say("slides.sources_note", file=report),)
    if not shown:
        return Slide(title, ending, sure(ctx, found), notes=notes)
    columns = (
        Column(say("slides.source_title"), width=7.0),
        Column(say("slides.source_date"), width=1.8),
        Column(say("slides.source_site"), width=2.6),
    )
    rows = tuple(
        (Cell(_short(one.title)), Cell(one.date or "–"), Cell(_site(one.url), tone="muted")) for one in shown
    )
    return Slide(title, ending, sure(ctx, found), Grid(columns, rows, title), notes=notes)


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def _site(url: str) -> str:
    """Return the host of a URL; the full URL is in the report."""
    return url.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.") if url else "–"
