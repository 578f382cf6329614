"""The five places to look at first: a watch list with its uncertainty, not a verdict."""

from __future__ import annotations

from .. import numbers
from ..context import Context
from ..model import Callout, Cell, Column, Group, Section, Table, Text

ORDER = 20
TABLE = "mart.first_places"
TOP = 5


def build(ctx: Context) -> Section:
    """Count, exposure, relative rate with interval, elections with incidents."""
    rows = ctx.rows(TABLE, "select * from {table} where parent_code = ? order by rank", [ctx.area.code])
    if not rows:
        return Section("first_places", ctx.words.table(TABLE), (Text((ctx.say("places.none"),)),))
    words, names = (
        ctx.words,
        ("rank", "area_name", "count", "exposure", "n_elections", "n_late", "n_disputes"),
    )
    columns = list(words.columns(TABLE, dict(zip(names, (0.5, 2.2, 1.1, 1.1, 1.0, 1.0, 0.9), strict=True))))
    columns.insert(
        4,
        Column(
            ctx.say("places.rate", rate=words.field(TABLE, "relative_rate")),
            "end",
            1.4,
            ctx.words.table(TABLE),
        ),
    )
    lines = []
    for row in rows[:TOP]:
        cells = list(words.cells(TABLE, names, row))
        cells.insert(4, _relative(ctx, row))
        lines.append(tuple(cells))
    flat = all(row["relative_low"] == row["relative_high"] for row in rows)
    notes = (ctx.say("places.no_spread" if flat else "places.note"),)
    table = Table("", tuple(columns), (Group("", tuple(lines)),), notes)
    warning = Callout(ctx.say("places.warning_title"), (ctx.say("places.warning"),))
    return Section("first_places", words.table(TABLE), (warning, table))


def _relative(ctx: Context, row: dict[str, float | None]) -> Cell:
    if row["relative_rate"] is None:
        return ctx.words.cell(TABLE, "relative_rate", None)
    if row["relative_low"] == row["relative_high"]:
        return Cell(f"{numbers.decimal(row['relative_rate'], ctx.lang, 1)}×", row["relative_rate"])
    low, mid, high = (
        numbers.decimal(row[name] or 0.0, ctx.lang, 1)
        for name in ("relative_low", "relative_rate", "relative_high")
    )
    return Cell(f"{mid}× ({low}–{high})", row["relative_rate"], tone="strong")
