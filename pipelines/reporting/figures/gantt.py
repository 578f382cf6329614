"""Recapitulation of one election: the window as a bar, its extension dashed, the completion date as a mark.

Plain SVG with real text: it can be read aloud and searched, and hundreds of pages are drawn without matplotlib.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from textwrap import shorten
from typing import Any

from pipelines.catalog.vocabulary import JUDGED, LATE

from ..facts.context import Context
from ..language import numbers
from ..model import Panel
from .compact_svg import FACE
from .palette import ALERT, EMPTY, INK, MUTED, PAPER, WHOLE, WINDOW

ROWS = 14  # maximum number of units drawn; the table below has the others
WIDTH, LEFT, RIGHT = 252.0, 97.0, 4.0  # points: half the width of A4, drawn at full size
ROW, TOP, BOTTOM = 13.0, 24.0, 14.0
LETTERS = 8.1
NAME = 19  # characters of a name that fit into the margin


def gantt(ctx: Context, election_id: str, rows: Sequence[dict[str, Any]]) -> Panel:
    """Draw up to 14 units in the given order, the latest ones if there are more."""
    chosen = sorted(range(len(rows)), key=lambda i: (-(rows[i]["days_late"] or 0), i))[:ROWS]
    drawn = [rows[i] for i in sorted(chosen)]
    scale = _Scale(drawn)
    height = TOP + ROW * len(drawn) + BOTTOM
    known = ctx.elections.get(election_id)
    has_numbers = any(row["days_late"] and row["verdict"] in LATE for row in drawn)
    alt = _alt(ctx, election_id, drawn, len(rows))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" font-family="{FACE}">',
        _text(0, 9, known.short if known else election_id, size=10, bold=True),
    ]
    if has_numbers:
        parts.append(_text(0, 19, ctx.say("recap.days"), fill=MUTED))
    for place, row in enumerate(drawn):
        parts += _row(ctx, row, TOP + ROW * (place + 0.5), scale)
    parts += _axis(ctx, scale, TOP + ROW * len(drawn))
    return Panel("".join([*parts, "</svg>"]), alt)


class _Scale:
    """Maps days to points, from the day before the first known one, with room for a label after the last."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        names = ("start_date", "deadline", "extended_to", "date_completed")
        days = [row[name] for row in rows for name in names if row[name] is not None]
        days += [
            row["deadline"] + dt.timedelta(days=row["days_late"])
            for row in rows
            if row["days_late"] is not None
        ]
        self.first = min(days) - dt.timedelta(days=1)
        room = max(3, round((max(days) - min(days)).days * 0.24))
        self.span: int = (max(days) - self.first).days + room

    def __call__(self, day: dt.date) -> float:
        days: int = (day - self.first).days
        return LEFT + (WIDTH - LEFT - RIGHT) * days / self.span


def _text(x: float, y: float, text: str, size: float = LETTERS, fill: str = INK, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{weight}>{escape(text)}</text>'


def _bar(x: float, y: float, width: float, look: str) -> str:
    return f'<rect x="{x:.1f}" y="{y - 3.4:.1f}" width="{max(width, 0.6):.1f}" height="6.8" {look}/>'


def _row(ctx: Context, row: dict[str, Any], y: float, scale: _Scale) -> list[str]:
    base = y + LETTERS * 0.35
    name = shorten(numbers.short_area(row["area_name"]), NAME, placeholder="…")
    end = scale(row["deadline"])
    start = scale(row["start_date"]) if row["start_date"] else LEFT
    parts = [
        _text(0, base, name),
        _bar(start, y, end - start, f'fill="{WINDOW if row["start_date"] else EMPTY}"'),
    ]
    if row["extended_to"]:
        look = f'fill="none" stroke="{MUTED}" stroke-width="0.7" stroke-dasharray="2 1.4"'
        parts.append(_bar(end, y, scale(row["extended_to"]) - end, look))
    parts.append(f'<path d="M{end:.1f} {y - 5:.1f}v10" stroke="{INK}" stroke-width="1.1"/>')
    if row["date_completed"] is None:
        return [*parts, *_unfinished(ctx, row, y, end, scale)]
    late = row["verdict"] in LATE
    done = scale(row["date_completed"])
    parts.append(_mark(row, done, y, ALERT if late else WHOLE))
    said = numbers.signed(row["days_late"], ctx.lang) if late and row["days_late"] is not None else ""
    if said := "?" if row["verdict"] == "undecided" else said:
        parts.append(_text(max(done, end) + 6, base, said, bold=True))
    return parts


def _mark(row: dict[str, Any], x: float, y: float, colour: str) -> str:
    """Return a diamond for an exact day, a triangle pointing back for `on
    or before`, a ring for any other kind."""
    fill = colour if row["verdict"] in JUDGED else PAPER
    look = f'fill="{fill}" stroke="{colour}" stroke-width="1.1"'
    shapes = {"exact": "m0-3.4l3.4 3.4l-3.4 3.4l-3.4-3.4z", "upper_bound": "m-3.4 0l5.4-3.2v6.4z"}
    if shape := shapes.get(row["date_kind"]):
        return f'<path d="M{x:.1f} {y:.1f}{shape}" {look}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" {look}/>'


def _unfinished(ctx: Context, row: dict[str, Any], y: float, end: float, scale: _Scale) -> list[str]:
    """For a unit seen unfinished after the deadline: an arrow as long as the known delay."""
    base = y + LETTERS * 0.35
    if row["verdict"] != "late_at_least" or row["days_late"] is None:
        return [_text(end + 4, base, "?", fill=MUTED, bold=True)]
    tip = max(scale(row["deadline"] + dt.timedelta(days=max(row["days_late"], 1))), end + 6)
    return [
        f'<path d="M{end:.1f} {y:.1f}H{tip - 3:.1f}" stroke="{ALERT}" stroke-width="1.4" fill="none"/>',
        f'<path d="M{tip:.1f} {y:.1f}l-5-2.6v5.2z" fill="{ALERT}"/>',
        _text(tip + 4, base, f"≥ {numbers.signed(row['days_late'], ctx.lang)}", bold=True),
    ]


def _axis(ctx: Context, scale: _Scale, y: float) -> list[str]:
    shares = (0.02, 0.38, 0.74) if scale.span > 12 else (0.02, 0.6)
    days = [scale.first + dt.timedelta(days=round(scale.span * share)) for share in shares]
    parts = [
        f'<path d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}" stroke="{MUTED}" stroke-width="0.5" fill="none"/>'
    ]
    for day in days:
        x = scale(day)
        parts.append(f'<path d="M{x:.1f} {y:.1f}v3" stroke="{MUTED}" stroke-width="0.5"/>')
        parts.append(_text(x, y + 11, numbers.day_month(day, ctx.lang), fill=MUTED))
    return parts


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
