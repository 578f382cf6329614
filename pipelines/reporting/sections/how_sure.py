"""Certainty of the places: the evidence classes, what happened in words, what is unknown."""

from __future__ import annotations

from typing import Any

from pipelines.catalog.vocabulary import CERTAINTY_OUTCOMES, LEVELS_BELOW

from ..facts.certainty import (
    CLASSES,
    capital,
    explanation,
    label,
    level_below,
    n_elections,
    scope_name,
    some_names,
    unranked,
)
from ..facts.context import Context
from ..facts.families import own_scope
from ..facts.queries import NATION
from ..facts.sizes import sizes
from ..facts.values import short_label
from ..language import numbers
from ..model import Block, Cell, Column, Group, Note, Section, Table, Text

TABLE = "mart.persistence"
NAMED = {"confirmed_several": 40, "supported_once": 40, "number_open": 20, "watch_list": 20}
OUTCOMES = CERTAINTY_OUTCOMES
TOLD = 4  # areas described in one sentence each, besides the report's own
MISSING = 60  # maximum number of areas without data named here
SQL = """
select persistence.*
from {table} as persistence
where scope_code in (?, '00') and level in (?, ?)
  and (? = '00' or starts_with(area_code, ?))
order by outcome, total_count desc, area_code
"""


def build(ctx: Context) -> Section | None:
    """Build the classes with their places, then sentences; nothing below regencies."""
    below = level_below(ctx)
    if below not in LEVELS_BELOW["province"]:
        return None
    code = ctx.area.code
    rows = ctx.rows(TABLE, SQL, [own_scope(ctx), ctx.area.level, below, code, code])
    rows = _in_order(ctx, _narrowest(rows))
    blocks: list[Block] = [_classes(ctx, [row for row in rows if row["level"] == below])]
    told = _sentences(ctx, rows)
    if told:
        blocks.append(Text(tuple(told)))
    spoken = [row for row in rows if row["evidence"] != "silent" and row["outcome"] == "psu"]
    ranked = {row["area_code"] for row in spoken if row["level"] == below}
    missing = unranked(ctx, ranked, below)
    if missing:
        word = ctx.words.label("level", below)
        names = some_names(ctx, missing, MISSING)
        blocks.append(
            Note(
                ctx.say(
                    "sure.missing", n=len(missing), total=len(missing) + len(ranked), level=word, names=names
                )
            )
        )
    return Section("how_sure", ctx.say("sure.title"), (*blocks, *ctx.caveats(*([TABLE] if rows else []))))


def _narrowest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep, per outcome and level, only the comparison within the province if there is one."""
    own = {(row["outcome"], row["level"]) for row in rows if row["scope_code"] != NATION}
    return [r for r in rows if r["scope_code"] != NATION or (r["outcome"], r["level"]) not in own]


def _in_order(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort like the places to look at first, so that no two lists on a page disagree."""
    ranked = ctx.rows(
        "mart.first_places", "select area_code, rank from {table} where parent_code = ?", [ctx.area.code]
    )
    place = {row["area_code"]: row["rank"] for row in ranked}
    return sorted(rows, key=lambda row: place.get(row["area_code"], len(place) + 1))


def _classes(ctx: Context, rows: list[dict[str, Any]]) -> Table:
    columns = (
        Column(ctx.words.field(TABLE, "evidence"), width=1.3),
        Column(ctx.say("sure.meaning"), width=3.4),
        Column(ctx.say("sure.here"), width=4.0),
    )
    lines = tuple(
        (
            Cell(capital(label(ctx, code)), code, tone="strong"),
            Cell(explanation(ctx, code)),
            _places(ctx, rows, code),
        )
        for code in CLASSES
    )
    return Table("", columns, (Group("", lines),), (ctx.say("sure.note"),))


def _places(ctx: Context, rows: list[dict[str, Any]], code: str) -> Cell:
    parts = []
    for outcome in OUTCOMES:
        found = [row for row in rows if row["evidence"] == code and row["outcome"] == outcome]
        if not found:
            continue
        names = [numbers.short_area(row["area_name"]) for row in found]
        text = (
            some_names(ctx, names, NAMED.get(code, 0))
            if NAMED.get(code)
            else ctx.say("sure.areas", n=len(found))
        )
        parts.append(f"{short_label(ctx, outcome)}: {text}")
    if not parts:
        return Cell(ctx.say("sure.nowhere"), None, tone="muted")
    return Cell(". ".join(parts) + ".")


def _sentences(ctx: Context, rows: list[dict[str, Any]]) -> list[str]:
    """Return sentences on the area itself, its places with most cases, the size of incidents, and propensity."""
    psu = [row for row in rows if row["outcome"] == "psu" and row["total_expected"] is not None]
    own = [row for row in psu if row["area_code"] == ctx.area.code]
    places = [r for r in psu if r not in own and r["evidence"] in NAMED and r["total_count"]]
    order = {code: place for place, code in enumerate(CLASSES)}
    places.sort(key=lambda row: order.get(row["evidence"], len(order)))
    told = [_place(ctx, row, i == 0) for i, row in enumerate((*own, *places[:TOLD]))]
    if psu:
        scope, level = psu[0]["scope_code"], psu[0]["level"]
        n = n_elections(ctx, scope, "psu", level)
        key = "sure.propensity" if n > 1 else "sure.no_propensity"
        told.append(ctx.say(key, n=n, scope=scope_name(ctx, scope)))
    else:
        told.append(ctx.say("sure.no_standard"))
    return told + sizes(ctx)


def _place(ctx: Context, row: dict[str, Any], with_meaning: bool) -> str:
    """Return how many occurred against how many expected, and the
    interpretation; other words are in the table above."""
    return ctx.say(
        "sure.place_incident",
        area=numbers.short_area(row["area_name"]),
        count=row["total_count"] or 0,
        expected=numbers.decimal(row["total_expected"], ctx.lang),
        elections=row["n_elections"],
        scope=scope_name(ctx, row["scope_code"]),
        word=label(ctx, row["evidence"]),
        meaning=explanation(ctx, row["evidence"]) if with_meaning else "",
    ).strip()
