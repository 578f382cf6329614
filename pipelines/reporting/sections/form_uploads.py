"""Time of the first photo of a form after the close of polls; forms never uploaded are shown separately."""

from __future__ import annotations

from typing import Any

from ..facts.audits import by_contest, contest_name, line, names, short_contest
from ..facts.context import Context
from ..language import numbers
from ..model import Block, Cell, Column, Figure, Group, Section, Table, Text

TABLE = "mart.upload_area"
DRAWN = 40  # areas in a figure


def build(ctx: Context) -> Section | None:
    """Build the rows of the area and those below it; nothing if no source has upload data."""
    found = by_contest(ctx, TABLE)
    if not found:
        return None
    own = [row for _, rows in found for row in rows if row["area_code"] == ctx.area.code]
    known = names(ctx, (row["area_code"] for _, rows in found for row in rows))
    groups, panels = [], []
    for key, rows in found:
        groups.append(Group(contest_name(ctx, *key), tuple(_line(ctx, row, known) for row in rows)))
        panels.append(_panel(ctx, key, rows[: DRAWN + 1], known))
    keys = [(row["election_id"], row["contest"]) for row in own]
    blocks: list[Block] = [
        Text((ctx.say("uploads.intro"), *(_told(ctx, row) for row in own))),
        Figure(ctx.say("uploads.figure"), tuple(panels), line(ctx, keys, ctx.say("uploads.basis"))),
        Table(ctx.words.table(TABLE), _columns(ctx), tuple(groups), (ctx.say("uploads.note"),)),
    ]
    return Section("form_uploads", ctx.say("uploads.title"), (*blocks, *ctx.caveats(TABLE)))


def _told(ctx: Context, row: dict[str, Any]) -> str:
    contest = contest_name(ctx, row["election_id"], row["contest"])
    if row["hours_median"] is None:
        return ctx.say("uploads.untimed", contest=contest, n=row["n_tps"], uploaded=row["n_uploaded"])
    return ctx.say(
        "uploads.told",
        contest=contest,
        median=numbers.decimal(row["hours_median"], ctx.lang),
        late=row["n_after_24h"],
        uploaded=row["n_uploaded"],
        n=row["n_tps"],
        never=row["n_never"],
    )


def _panel(ctx: Context, key: tuple[str, str], rows: list[dict[str, Any]], known: dict[str, str]) -> Any:
    from ..figures.shares import Share, shares  # imported late: matplotlib is slow to import

    parts = tuple(
        ctx.say(f"uploads.{name}") for name in ("within_24", "within_48", "within_72", "later", "never")
    )
    drawn = [Share(known[row["area_code"]], _split(row), row["area_code"] == ctx.area.code) for row in rows]
    return shares(drawn, parts, short_contest(ctx, *key), ctx.say("uploads.unit"), ctx.lang)


def _split(row: dict[str, Any]) -> tuple[int, ...]:
    """Return stations by time of the first upload, without those that have
    no valid hours (overseas, wrong clock)."""
    late = [row[f"n_after_{hours}h"] for hours in (24, 48, 72)]
    return (row["n_timed"] - late[0], late[0] - late[1], late[1] - late[2], late[2], row["n_never"])


def _columns(ctx: Context) -> tuple[Column, ...]:
    words = ctx.words
    return (
        Column(words.field("mart.hotspots", "area_name"), width=1.9),
        words.column(TABLE, "n_tps", 0.8),
        words.column(TABLE, "hours_median", 0.8),
        words.column(TABLE, "hours_p90", 0.8),
        *(words.column(TABLE, f"n_after_{hours}h", 1.2) for hours in (24, 48, 72)),
        words.column(TABLE, "n_never", 1.2),
    )


def _line(ctx: Context, row: dict[str, Any], known: dict[str, str]) -> tuple[Cell, ...]:
    is_own = row["area_code"] == ctx.area.code
    return (
        Cell(known[row["area_code"]], row["area_code"], tone="strong" if is_own else ""),
        *ctx.words.cells(TABLE, ("n_tps", "hours_median", "hours_p90"), row),
        *(_part(ctx, row[f"n_after_{hours}h"], row["n_timed"]) for hours in (24, 48, 72)),
        _part(ctx, row["n_never"], row["n_tps"]),
    )


def _part(ctx: Context, n: int, of: int) -> Cell:
    """Return `1.553 (56 %)`; a dash without a denominator."""
    if not of:
        return Cell("–", None, tone="muted")
    return Cell(f"{numbers.integer(n, ctx.lang)} ({numbers.integer(round(100 * n / of), ctx.lang)} %)", n)
