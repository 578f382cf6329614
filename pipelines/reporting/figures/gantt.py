"""Recapitulation of one election: the window as a bar, its extension hatched, the day of completion as a mark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import JUDGED, LATE

from ..facts.context import Context
from ..language import numbers
from ..model import Panel
from . import house_style as style

ROWS = 14  # units drawn; the table below holds the others
LEFT = 1.36


def gantt(ctx: Context, election_id: str, rows: Sequence[dict[str, Any]]) -> Panel:
    """Up to 14 units, the latest ones if there are more, in the order given."""
    chosen = sorted(range(len(rows)), key=lambda i: (-(rows[i]["days_late"] or 0), i))[:ROWS]
    drawn = [rows[i] for i in sorted(chosen)]
    first, last = _span(drawn)
    with style.applied():
        figure, axes = style.canvas(len(drawn), 0.255, left=LEFT)
        axes.set_ylim(len(drawn) - 0.45, -0.55)
        axes.set_xlim(0, (last - first).days)
        for place, row in enumerate(drawn):
            _row(ctx, axes, place, row, first, last)
        axes.set_yticks(range(len(drawn)), [_label(ctx, row) for row in drawn], size=style.SMALL)
        span = (last - first).days
        steps = [round(span * share) for share in ((0.02, 0.35, 0.68) if span > 12 else (0.02, 0.6))]
        days = [numbers.day_month(first + dt.timedelta(days=step), ctx.lang) for step in steps]
        axes.set_xticks(steps, days, ha="left")
        known = ctx.elections.get(election_id)
        has_numbers = any(row["days_late"] and row["verdict"] in LATE for row in drawn)
        below = ctx.say("recap.days") if has_numbers else ""
        style.title(figure, known.short if known else election_id, below)
        return Panel(style.to_svg(figure), _alt(ctx, election_id, drawn, len(rows)))


def _span(rows: Sequence[dict[str, Any]]) -> tuple[dt.date, dt.date]:
    """From two days before the first known day to room for a label after the last."""
    names = ("start_date", "deadline", "extended_to", "date_completed")
    days = [row[name] for row in rows for name in names if row[name] is not None]
    days += [
        row["deadline"] + dt.timedelta(days=row["days_late"]) for row in rows if row["days_late"] is not None
    ]
    first, last = min(days), max(days)
    room = max(3, round((last - first).days * 0.24))
    return first - dt.timedelta(days=1), last + dt.timedelta(days=room)


def _label(ctx: Context, row: dict[str, Any]) -> str:
    """Area over level, short enough for the margin."""
    area = shorten(numbers.short_area(row["area_name"]), 25, placeholder="…")
    level = row["milestone"].removeprefix("recap_")
    known = level in catalog.code_lists()["level"]
    kind = ctx.words.label("level", level) if known else ctx.words.label("milestone", row["milestone"])
    return f"{area}\n{shorten(kind, 28, placeholder='…')}"


def _row(ctx: Context, axes: Any, place: int, row: dict[str, Any], first: dt.date, last: dt.date) -> None:
    def at(day: dt.date) -> int:
        return (day - first).days

    end = at(row["deadline"])
    start = at(row["start_date"]) if row["start_date"] else 0
    open_start = row["start_date"] is None
    axes.barh(place, end - start, left=start, height=0.5, color=style.EMPTY if open_start else style.WINDOW)
    axes.plot([end, end], [place - 0.36, place + 0.36], color=style.INK, linewidth=1.1)
    if row["extended_to"]:
        more = at(row["extended_to"]) - end
        axes.barh(
            place,
            more,
            left=end,
            height=0.5,
            color=style.EMPTY,
            hatch="/////",
            edgecolor=style.MUTED,
            linewidth=0.4,
        )
    late = row["verdict"] in LATE
    colour = style.ALERT if late else style.WHOLE
    if row["date_completed"] is None:
        _unfinished(ctx, axes, place, row, end)
        return
    done = at(row["date_completed"])
    mark = {"exact": "D", "upper_bound": "<"}.get(row["date_kind"], "o")
    face = colour if row["verdict"] in JUDGED else style.PAPER
    axes.plot(
        [done], [place], mark, markersize=5, color=colour, markerfacecolor=face, markeredgewidth=1.2, zorder=3
    )
    text = numbers.signed(row["days_late"], ctx.lang) if late and row["days_late"] is not None else ""
    if row["verdict"] == "undecided":
        text = "?"
    axes.text(max(done, end) + (last - first).days * 0.03, place, text, va="center", weight="bold", size=7.4)


def _unfinished(ctx: Context, axes: Any, place: int, row: dict[str, Any], end: int) -> None:
    """Seen unfinished past the deadline: an arrow as long as the delay that is known."""
    if row["verdict"] != "late_at_least" or row["days_late"] is None:
        axes.text(end + 0.4, place, " ?", va="center", size=7.4, color=style.MUTED, weight="bold")
        return
    tip = end + max(row["days_late"], 1)
    axes.annotate(
        "",
        (tip, place),
        (end, place),
        arrowprops={"arrowstyle": "-|>", "color": style.ALERT, "linewidth": 1.4},
    )
    axes.text(
        tip + 0.3,
        place,
        f" ≥ {numbers.signed(row['days_late'], ctx.lang)}",
        va="center",
        weight="bold",
        size=7.4,
    )


def _alt(ctx: Context, election_id: str, rows: Sequence[dict[str, Any]], total: int) -> str:
    parts = []
    for row in rows:
        verdict = ctx.words.label("recap_verdict", row["verdict"])
        days = (
            f" {numbers.signed(row['days_late'], ctx.lang)}"
            if row["days_late"] and "late" in row["verdict"]
            else ""
        )
        parts.append(
            f"{numbers.clean(row['area_name'])}, {ctx.words.label('milestone', row['milestone'])}: {verdict}{days}"
        )
    return (
        ctx.say("recap.alt", election=ctx.election_name(election_id), shown=len(rows), n=total)
        + " "
        + "; ".join(parts)
        + "."
    )
