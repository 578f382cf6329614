"""The forms with most errors: which figures disagree, the rule, possible consequences. Never an accusation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..facts.audits import audits, by_id, contest_name, names, place
from ..facts.context import Context
from ..facts.law import Law, remedy, told
from ..language import numbers
from ..model import Cell, Column, Group, Section, Table, Text

TABLE = "mart.form_worst"
FIGURES = "mart.form_worst_figure"
LEVELS = REPORT_LEVELS
MOST = 10
# For the nation, one form per province: the worst ten overall would be misreadings from one or two provinces.
EACH = {"national": 1}
RULES = 3  # number of figures per form, largest gaps first
SIGNS = {"=": "≠", "<=": ">", "<>": "="}
SQL = """
with inside as (
    select worst.*, voting_date,
           row_number() over (
               partition by election_id, contest, left(area_code, 2)
               order by n_errors desc, largest_gap desc, tps_id
           ) as place_in_province
    from {table} as worst
    join (select election_id, voting_date from ref.elections) using (election_id)
    where ? = '00' or starts_with(area_code, ?)
),
chosen as (
    select *,
           row_number() over (
               partition by election_id, contest order by n_errors desc, largest_gap desc, tps_id
           ) as place
    from inside
    where place_in_province <= ?
)
select chosen.*, rule_id, left_value, right_value
from chosen
join (select election_id, contest, area_code, rank, rule_id, left_value, right_value from mart.form_worst_figure)
    using (election_id, contest, area_code, rank)
where place <= ?
order by voting_date desc, election_id, contest, place, abs(left_value - right_value) desc, rule_id
"""


def build(ctx: Context) -> Section | None:
    """Build ten forms per election and contest, for the nation at most one
    per province; nothing if none failed."""
    if ctx.area.level not in LEVELS or not ctx.has(TABLE, FIGURES) or not audits(ctx):
        return None
    each = EACH.get(ctx.area.level, MOST)
    rows = ctx.rows(TABLE, SQL, [ctx.area.code, ctx.area.code, each, MOST])
    if not rows:
        return None
    regions = _regions(ctx, rows)
    groups = []
    for key, members in groupby(rows, key=lambda row: (row["election_id"], row["contest"])):
        forms = groupby(members, key=lambda row: row["place"])
        lines = tuple(_line(ctx, list(sides), regions) for _, sides in forms)
        groups.append(Group(contest_name(ctx, *key), lines))
    words = ctx.words
    columns: tuple[Column, ...] = (
        Column(words.field(TABLE, "tps"), width=0.6),
        Column(words.label("level", "village").capitalize(), width=1.9),
        Column(ctx.say("worst.failed"), "end", 0.9, words.field(TABLE, "n_errors")),
        Column(ctx.say("worst.figures"), width=3.4),
        words.column("ref.form_rule", "remedy", 2.2),
    )
    notes = [ctx.say("worst.note_nation" if ctx.area.is_nation else "worst.note", n=MOST)]
    follows = {row[-1].text for group in groups for row in group.rows}
    if len(follows) == 1:  # state it once instead of on every row
        notes.insert(0, ctx.say("worst.same", remedy=follows.pop()))
        columns = columns[:-1]
        groups = [Group(group.title, tuple(row[:-1] for row in group.rows)) for group in groups]
    table = Table("", columns, tuple(groups), tuple(notes))
    return Section(
        "form_worst",
        ctx.say("worst.title"),
        (Text((ctx.say("worst.intro"), ctx.say("worst.recount"))), table, *ctx.caveats(TABLE)),
    )


def _regions(ctx: Context, rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the names of the areas between the report's and the district, by regency code, nearest first."""
    within = {"national": (4, 2), "province": (4,)}.get(ctx.area.level, ())  # code lengths of these areas
    codes = {row["area_code"]: [row["area_code"][:length] for length in within] for row in rows}
    known = names(ctx, (part for parts in codes.values() for part in parts))
    return {code: [known[part] for part in parts if known[part] != part] for code, parts in codes.items()}


def _line(ctx: Context, sides: list[dict[str, Any]], regions: Mapping[str, list[str]]) -> tuple[Cell, ...]:
    first = sides[0]
    shown = [_side(ctx, side) for side in sides[:RULES]]
    if rest := len(sides) - len(shown):
        shown.append(ctx.say("worst.more", n=rest))
    village, district = place(first["village"]), place(first["district"])
    around = ", ".join(name for name in (district, *regions[first["area_code"]]) if name)
    law = _recount_law(ctx, first["election_id"], (side["rule_id"] for side in sides))
    return (
        Cell(numbers.clean(first["tps"]), first["tps"]),
        Cell(f"{village} ({around})" if around else village, first["village"]),
        Cell(numbers.integer(first["n_errors"], ctx.lang), first["n_errors"], tone="strong"),
        Cell("; ".join(shown)),
        Cell(
            ctx.say("worst.recount_if", article=told(ctx, law)) if law else ctx.say("worst.correction_if"),
            "recount" if law else "correction",
        ),
    )


def _recount_law(ctx: Context, election_id: str, rule_ids: Iterable[str]) -> Law | None:
    """Return the law that allows a recount for one of the failed rules at this election, if there is one."""
    for rule in (rule for name in rule_ids if (rule := by_id().get(name))):
        code, law = remedy(ctx, rule, election_id)
        if code == "recount":
            return law
    return None


def _side(ctx: Context, side: dict[str, Any]) -> str:
    """Return `Suara = pengguna: 201 ≠ 200`."""
    rule = by_id().get(side["rule_id"])
    left, right = (numbers.integer(side[name], ctx.lang) for name in ("left_value", "right_value"))
    name, sign = (rule.short[ctx.lang], SIGNS[rule.op]) if rule else (side["rule_id"], "≠")
    return f"{name}: {left} {sign} {right}"
