"""Rankings by outcome, each separately: shrunken ratio, interval of the rank, test, and evidence class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..facts.certainty import capital, evidence_cell, ratio, scope_name
from ..facts.context import Context
from ..facts.families import TABLE, Family, families, own_scope, top
from ..facts.values import ZEROS, heading
from ..language import numbers
from ..model import Block, Callout, Cell, Column, Figure, Group, Note, Panel, Section, Table, Text

PROPENSITY = "mart.propensity"
SHOWN = {"national": 5, "province": 8, "regency": 6}
DRAWN = {"national": 8, "province": 10, "regency": 8}
OWN_ELECTIONS = 2  # number of elections with cases shown if a province is fully known
EB = ("eb_ratio", "eb_low", "eb_high")
PRONE = ("propensity", "propensity_low", "propensity_high")
PRONE_SQL = """
select propensity.* exclude (evidence), overall.evidence, total_count, total_expected, tested
from {table} as propensity
join (select scope_code, outcome, level, area_code, evidence, total_count, total_expected, n_elections as tested
      from mart.persistence) as overall using (scope_code, outcome, level, area_code)
where scope_code = ? and level = ? and starts_with(area_code, ?)
order by outcome, propensity desc, total_count desc, area_code
"""


def build(ctx: Context) -> Section | None:
    """Build rankings across elections where a scope is fully known, then by election; nothing below regencies."""
    if ctx.area.level not in SHOWN:
        return None
    found = families(ctx, OWN_ELECTIONS)
    prone = _prone(ctx)
    blocks: list[Block] = [Text((ctx.say("rankings.intro"),))]
    if not found and not prone:
        blocks = [Text((ctx.say("rankings.none"),))]
    elif not prone:
        blocks.append(Callout(ctx.say("rankings.no_propensity_title"), (ctx.say("rankings.no_propensity"),)))
    if figure := _figure(ctx, prone, found):
        blocks.append(figure)
    if prone:
        blocks.append(_prone_table(ctx, prone))
    if found:
        blocks.append(_table(ctx, found))
        blocks += _funnels(ctx, found)
        blocks += ctx.caveats(TABLE)
    return Section("rankings", ctx.say("rankings.title"), tuple(blocks))


def _prone(ctx: Context) -> list[list[dict[str, Any]]]:
    """Return rows of mart.propensity, one list per outcome and level."""
    scope = own_scope(ctx)
    if not ctx.has(PROPENSITY, "mart.persistence"):
        return []
    lists = []
    for level, prefix in {"national": (("province", ""), ("regency", "")), "province": (("regency", scope),),
                          "regency": (("regency", scope), ("district", ctx.area.code))}[ctx.area.level]:  # fmt: skip
        rows = ctx.rows(PROPENSITY, PRONE_SQL, [scope, level, prefix])
        for outcome in dict.fromkeys(row["outcome"] for row in rows):
            lists.append([row for row in rows if row["outcome"] == outcome])
    return lists


def _same(rows: list[dict[str, Any]]) -> bool:
    """Return whether the data cannot distinguish these areas."""
    return len(rows) > 1 and len({row["propensity"] for row in rows}) == 1


def _figure(ctx: Context, prone: list[list[dict[str, Any]]], found: list[Family]) -> Figure | None:
    panels = [_prone_panel(ctx, rows) for rows in prone if not _same(rows)]
    for family in found:
        spread = any(row["eb_low"] < row["eb_high"] for row in family.rows if row["eb_ratio"] is not None)
        if spread and (family.outcome in ZEROS or not ctx.area.is_nation):
            panels.append(_panel(ctx, family))
    if not panels:
        return None
    line = ctx.say(
        "figure.line",
        date=numbers.long_date(ctx.release.data_date, ctx.lang),
        basis=ctx.say("rankings.basis"),
    )
    return Figure(ctx.say("rankings.figure"), tuple(panels), line)


def _dot(ctx: Context, row: dict[str, Any], names: Sequence[str], evidence: str) -> Any:
    from ..figures.dots import Dot  # imported late: matplotlib is slow to import

    ratio_, low, high = (row[name] for name in names)
    is_own = row["area_code"] == ctx.area.code
    return Dot(numbers.short_area(row["area_name"]), ratio_, low, high, evidence, is_own)


def _prone_panel(ctx: Context, rows: list[dict[str, Any]]) -> Panel:
    drawn = [_dot(ctx, row, PRONE, row["evidence"]) for row in rows[: DRAWN[ctx.area.level]]]
    title = f"{heading(ctx, rows[0]['outcome'])}: {ctx.words.label('level', rows[0]['level'])}"
    n = max(row["tested"] for row in rows)
    return _draw(ctx, drawn, title, ctx.say("rankings.across", n=n))


def _panel(ctx: Context, family: Family) -> Panel:
    rows = top(family, DRAWN[ctx.area.level], ctx.area.code)
    drawn = [
        _dot(ctx, row, EB, (row["evidence"] if row["is_comparable"] else None) or "none")
        for row in rows
        if row["eb_ratio"] is not None
    ]
    title = f"{heading(ctx, family.outcome)}: {ctx.words.label('level', family.level)}"
    known = ctx.elections.get(family.election_id)
    below = ctx.say("rankings.at_one", election=known.short if known else family.election_id)
    return _draw(ctx, drawn, title, below)


def _draw(ctx: Context, drawn: list[Any], title: str, below: str) -> Panel:
    from ..figures.dots import describe, dots

    return dots(drawn, title, below, ctx.lang, f"{title}, {below}. {describe(drawn, ctx.lang)}")


def _prone_table(ctx: Context, prone: list[list[dict[str, Any]]]) -> Table:
    words = ctx.words
    columns = (
        words.column(PROPENSITY, "area_name", 2.0),
        Column(words.field("mart.persistence", "total_count"), "end", 0.9),
        Column(words.field("mart.persistence", "total_expected"), "end", 0.9),
        Column(ctx.say("rankings.interval", name=words.field(PROPENSITY, "propensity")), "end", 1.5),
        words.column(PROPENSITY, "p_least", 1.0),
        words.column("mart.persistence", "evidence", 1.5),
    )
    groups = []
    for rows in prone:
        first = rows[0]
        title = ctx.say(
            "rankings.prone_group",
            outcome=heading(ctx, first["outcome"]),
            level=words.label("level", first["level"]),
            scope=scope_name(ctx, first["scope_code"]),
            n=max(row["tested"] for row in rows),
        )
        if _same(rows):
            title += " " + ctx.say("places.tied", level=words.label("level", first["level"]))
        groups.append(Group(title, tuple(_prone_line(ctx, row) for row in rows[: SHOWN["province"]])))
    notes = (ctx.say("rankings.prone_note"),)
    return Table(words.table(PROPENSITY), columns, tuple(groups), notes)


def _prone_line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    return (
        _name(ctx, row),
        ctx.words.cell("mart.persistence", "total_count", row["total_count"]),
        ctx.words.cell("mart.persistence", "total_expected", row["total_expected"], 1),
        ratio(ctx, row, PRONE),
        ctx.words.cell(PROPENSITY, "p_least", row["p_least"], 2),
        evidence_cell(ctx, row["evidence"]),
    )


def _table(ctx: Context, found: list[Family]) -> Table:
    words = ctx.words
    columns = (
        words.column(TABLE, "area_name", 1.9),
        words.column(TABLE, "count", 0.8),
        words.column(TABLE, "exposure", 0.9),
        words.column(TABLE, "expected", 0.85),
        Column(ctx.say("rankings.interval", name=words.field(TABLE, "eb_ratio")), "end", 1.5),
        Column(ctx.say("rankings.above"), "end", 0.8, words.field(TABLE, "p_above_2")),
        Column(ctx.say("rankings.rank"), "end", 1.2),
        Column("p / q", "end", 1.15, ctx.say("rankings.p_help")),
        words.column("mart.persistence", "evidence", 1.35),
    )
    groups = []
    for family in found:
        rows = top(family, SHOWN[ctx.area.level], ctx.area.code)
        title = ctx.say(
            "rankings.group",
            outcome=heading(ctx, family.outcome),
            election=ctx.election_name(family.election_id),
            level=words.label("level", family.level),
            scope=scope_name(ctx, family.scope),
            unit=ctx.say(f"unit.{family.unit}") if family.unit in ("incident", "tps", "case", "unit") else "",
            shown=len(rows),
            n=family.n_ranked,
        )
        groups.append(Group(title, tuple(_line(ctx, row) for row in rows)))
    notes = (ctx.say("rankings.note"),)
    return Table(ctx.say("rankings.table"), columns, tuple(groups), notes)


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    count = numbers.integer(row["count"], ctx.lang)
    bound = row["coverage"] == "at_least" and row["unit"] != "unit"
    return (
        _name(ctx, row),
        Cell(f"≥ {count}" if bound and row["count"] else count, row["count"], tone="strong"),
        Cell(numbers.integer(round(row["exposure"]), ctx.lang), row["exposure"]),
        Cell(numbers.decimal(row["expected"], ctx.lang), row["expected"]),
        _eb(ctx, row),
        ctx.words.cell(TABLE, "p_above_2", row["p_above_2"] if row["is_comparable"] else None, 2),
        _rank(ctx, row),
        _test(ctx, row),
        evidence_cell(ctx, row["evidence"], row["is_comparable"]),
    )


def _eb(ctx: Context, row: dict[str, Any]) -> Cell:
    """Return the shrunken ratio; a bare median where nothing is comparable would look too certain."""
    cell = ratio(ctx, row, EB)
    if row["eb_ratio"] is None or row["is_comparable"] or row["eb_low"] != row["eb_high"]:
        return cell
    return Cell(ctx.say("rankings.no_interval", ratio=cell.text), row["eb_ratio"], tone="muted")


def _name(ctx: Context, row: dict[str, Any]) -> Cell:
    name = numbers.short_area(row["area_name"] or row["area_code"])
    return Cell(name, row["area_code"], tone="strong" if row["area_code"] == ctx.area.code else "")


def _rank(ctx: Context, row: dict[str, Any]) -> Cell:
    if row["rank_expected"] is None:
        return ctx.words.cell(TABLE, "rank_expected", None)
    low, high = (numbers.integer(round(row[name]), ctx.lang) for name in ("rank_low", "rank_high"))
    return Cell(f"{numbers.decimal(row['rank_expected'], ctx.lang)} ({low}–{high})", row["rank_expected"])


def _test(ctx: Context, row: dict[str, Any]) -> Cell:
    if row["p_value"] is None:
        return Cell(ctx.say("evidence.not_comparable"), None, tone="muted")
    p, q = _p_text(ctx, row["p_value"]), _p_text(ctx, row["q_value"])
    return Cell(f"{p} / {q}", row["p_value"], tone="strong" if row["is_supported"] else "")


def _p_text(ctx: Context, value: float | None) -> str:
    """Return a probability with three decimals; below that `< 0,001`."""
    if value is None:
        return "–"
    return (
        f"< {numbers.decimal(0.001, ctx.lang, 3)}" if value < 0.001 else numbers.decimal(value, ctx.lang, 3)
    )


def _funnels(ctx: Context, found: list[Family]) -> list[Block]:
    from ..figures.funnel_panels import panels

    drawn = panels(ctx, found)
    if not drawn:
        return []
    line = ctx.say(
        "figure.line", date=numbers.long_date(ctx.release.data_date, ctx.lang), basis=ctx.say("funnel.basis")
    )
    return [Figure(ctx.say("funnel.title"), tuple(drawn), line), Note(capital(ctx.say("funnel.note")))]
