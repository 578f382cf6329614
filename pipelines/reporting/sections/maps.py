"""Where re-votes were held and how certain that is: counts as symbols; rates where boundaries are loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.catalog.vocabulary import LEVELS_BELOW

from ..facts.context import Context
from ..facts.queries import BELOW
from ..facts.values import heading
from ..figures.maps import notes
from ..figures.maps.places import Place, is_worth_drawing, places, points
from ..figures.maps.rates import Rate, rates
from ..language import numbers
from ..model import Figure, Note, Panel, Section

OUTCOME = "psu"
# Levels drawn per level of the area; districts of a province only if a third of them have data.
DRAWN = {**LEVELS_BELOW, "regency": ("district",)}
ENOUGH = 1 / 3
NAMED_IN_WORDS = 5
Outlines = Sequence[Any]


def build(ctx: Context) -> Section | None:
    """Build at most two maps; no section if nothing is known about the area or a map would show nothing."""
    drawn = {level: places(ctx, OUTCOME, level) for level in DRAWN.get(ctx.area.level, ())}
    worth = [
        level for level, found in drawn.items() if is_worth_drawing(found) and _is_known(ctx, level, found)
    ]
    if not worth:
        return None
    rated = _rated(ctx, drawn)
    if rated:  # the map of rates replaces a second map of counts
        worth = [level for level in worth if level == "regency"] or worth[:1]
    lines = {
        level: _outlines(ctx, level)
        for level in {*worth, rated}
        if level == rated or not _is_dense(ctx, level)
    }
    panels = [_symbols(ctx, level, drawn[level], lines.get(level, ())) for level in worth]
    if rated:
        panels.append(_choropleth(ctx, rated, drawn[rated], lines[rated]))
    said = [notes.located(ctx, OUTCOME, level, drawn[level]) for level in worth]
    said += [*notes.former(ctx, OUTCOME), notes.elections(ctx, OUTCOME)]
    figure = Figure(
        ctx.say("maps.figure"), tuple(panels), _line(ctx, rated, lines), is_broad=ctx.area.is_nation
    )
    # The legend text is below the map: above it, the paragraph would be separated at a page break.
    return Section("maps", ctx.say("maps.title"), (figure, Note(ctx.say("maps.intro")), Note(" ".join(said))))


def _is_known(ctx: Context, level: str, found: Sequence[Place]) -> bool:
    known = sum(place.value is not None for place in found)
    return level != "district" or ctx.area.level == "regency" or known >= ENOUGH * len(found)


def _is_dense(ctx: Context, level: str) -> bool:
    """Return whether this is the nation's regencies: 514 signs would hide 514 outlines."""
    return ctx.area.is_nation and level == "regency"


def _outlines(ctx: Context, level: str) -> Outlines:
    """Return the boundaries of a level in the area; empty if none are loaded."""
    if not level or not ctx.has("ref.boundary"):
        return ()
    from ..figures.maps.shapes import outlines  # imported late: matplotlib is slow to import

    return outlines(ctx, level)


def _rated(ctx: Context, drawn: Mapping[str, Sequence[Place]]) -> str:
    """Return the finest level with boundaries and rates for a third of its areas; empty for none or a regency."""
    levels = notes.levels_with_boundaries(ctx) if ctx.area.level != "regency" else set()
    for level in reversed([*drawn]):
        if level in levels and len(rates(ctx, OUTCOME, level)) >= max(ENOUGH * len(drawn[level]), 1):
            return level
    return ""


def _line(ctx: Context, rated: str, lines: Mapping[str, Outlines]) -> str:
    """Return source, date, denominator, projection; licence and date of the boundaries if they are drawn."""
    basis = ctx.say("maps.basis_rates" if rated else "maps.basis")
    if shown := [outline for group in lines.values() for outline in group]:
        basis = ctx.say("maps.boundaries", basis=basis, boundaries=notes.files(ctx, shown))
    return ctx.say("figure.line", date=numbers.long_date(ctx.release.data_date, ctx.lang), basis=basis)


def _symbols(ctx: Context, level: str, found: Sequence[Place], lines: Outlines) -> Panel:
    from ..figures.maps.symbols import Land, ranked, symbols, written

    title, below = _title(ctx, level), ctx.say("maps.below")
    named = [place for place in ranked(found) if place.value][:NAMED_IN_WORDS]
    alt = ctx.say(
        "maps.alt",
        title=f"{title}, {below}",
        top="; ".join(f"{numbers.short_area(place.name)} {written(ctx, place)}" for place in named),
        zero=sum(place.value == 0 for place in found),
        unknown=sum(place.value is None for place in found),
        n=len(found),
    )
    finer = "regency" if level == "province" else BELOW[level]
    shape = () if lines or _is_dense(ctx, level) else tuple(points(ctx, finer))
    land = Land(finer, shape, tuple(lines))
    return symbols(ctx, found, land, (title, below, alt))


def _choropleth(ctx: Context, level: str, known: Sequence[Place], lines: Outlines) -> Panel:
    from ..figures.maps.choropleth import choropleth, highest, is_mixed, written

    found: list[Rate] = rates(ctx, OUTCOME, level)
    election = ctx.elections.get(found[0].election_id)
    below = ctx.say("maps.below_rates", election=election.short if election else found[0].election_id)
    if not is_mixed(found):
        below = ctx.say("maps.rates_whole" if found[0].is_whole else "maps.rates_part", below=below)
    named = [f"{numbers.short_area(r.name)} {written(r, ctx.lang)}" for r in highest(found)[:NAMED_IN_WORDS]]
    alt = ctx.say(
        "maps.alt",
        title=f"{_title(ctx, level)}, {below}",
        top="; ".join(named),
        zero=sum(not rate.count for rate in found),
        unknown=len({line.code for line in lines} - {rate.code for rate in found}),
        n=len(lines),
    )
    centres = {place.code: (place.longitude, place.latitude) for place in known}
    return choropleth(ctx, found, lines, centres, (_title(ctx, level), below, alt))


def _title(ctx: Context, level: str) -> str:
    return f"{heading(ctx, OUTCOME)}: {ctx.words.label('level', level)}"
