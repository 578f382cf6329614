"""Three tiles: each zero at the latest election with any information, and a strip of all elections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pipelines import catalog
from pipelines.catalog.vocabulary import COUNTED_REVOTES, RE_VOTES

from ..facts.context import Context
from ..facts.values import unit
from ..language import numbers
from ..model import KeyItem, Mark, ZeroTile
from .evidence import Evidence, Row

State = Literal["happened", "ordered", "none", "unknown"]
STRIP_STATES: tuple[State, ...] = ("happened", "ordered", "none", "unknown")
BESIDE = tuple(
    kind for kind in COUNTED_REVOTES if kind not in RE_VOTES
)  # shown below the re-votes of the same election


def zero_tiles(ctx: Context, found: Evidence) -> tuple[ZeroTile, ...]:
    """Return the tiles of re-votes, recapitulation and disputes."""
    return (
        _tile(ctx, found, "psu", _revotes),
        _tile(ctx, found, "late_recap", _late),
        _tile(ctx, found, "dispute", _disputes),
    )


def state(row: Row | None) -> State:
    """Return what is known about one zero at one election."""
    if row is None:
        return "unknown"
    if row["value"]:
        return "happened"
    if row.get("ordered_lower"):
        return "ordered"
    return "none" if row["coverage"] == "complete" and row["value"] == 0 else "unknown"


def _tile(ctx: Context, found: Evidence, outcome: str, told) -> ZeroTile:  # type: ignore[no-untyped-def]
    elections = _elections(ctx, found)
    latest = next((e for e in reversed(elections) if _speaks(found.zeros.get((e, outcome)))), "")
    names = {
        "psu": ctx.say("brief.zero_psu"),
        "late_recap": ctx.say("brief.zero_late_recap"),
        "dispute": ctx.say("brief.zero_dispute"),
    }
    marks = tuple(
        _mark(ctx, election, found.zeros.get((election, outcome)), outcome) for election in elections
    )
    if not latest:
        return ZeroTile(
            outcome,
            names[outcome],
            "–",
            ctx.say("brief.open"),
            "open",
            (ctx.say("brief.nothing_known"),),
            marks,
        )
    figure, tone, lines = told(ctx, found, latest)
    verdicts = {
        "missed": ctx.say("brief.missed"),
        "met": ctx.say("brief.met"),
        "open": ctx.say("brief.open"),
    }
    kicker = f"{names[outcome]} · {ctx.elections[latest].short}"
    return ZeroTile(outcome, kicker, figure, verdicts[tone], tone, lines, marks)


def _elections(ctx: Context, found: Evidence) -> list[str]:
    """Return the elections of the area, oldest first."""
    known = {election for election, _ in found.zeros}
    return [election for election in ctx.elections if election in known]


def _speaks(row: Row | None) -> bool:
    return row is not None and (row["value"] is not None or bool(row.get("ordered_lower")))


def _amount(ctx: Context, n: int, outcome: str, is_whole: bool) -> str:
    return f"{'' if is_whole else '≥ '}{numbers.integer(n, ctx.lang)} {_unit(ctx, outcome)}"


def _unit(ctx: Context, outcome: str) -> str:
    known = catalog.code_lists()["outcome"][outcome]
    return known.get(f"brief_unit_{ctx.lang}") or unit(outcome, ctx.lang)


def _revotes(ctx: Context, found: Evidence, election: str):  # type: ignore[no-untyped-def]
    row = found.zeros[election, "psu"]
    ordered, held = int(row.get("ordered_lower") or 0), int(row["value"] or 0)
    is_whole = row["coverage"] == "complete"
    lines = []
    if held:
        figure, tone = _amount(ctx, held, "psu", is_whole), "missed"
        if row["n_tps"]:
            lines.append(ctx.say("brief.out_of", n=int(row["n_tps"])))
        if ordered > held:
            least = numbers.integer(ordered, ctx.lang)
            lines.append(
                ctx.say(
                    "brief.ordered_held", ordered=f"≥ {least}", held=f"≥ {numbers.integer(held, ctx.lang)}"
                )
            )
    elif ordered:
        figure, tone = _amount(ctx, ordered, "psu", False), "open"
        lines.append(ctx.say("brief.only_ordered"))
    elif is_whole:
        figure, tone = _amount(ctx, 0, "psu", True), "met"
        if row["n_tps"]:
            lines.append(ctx.say("brief.out_of", n=int(row["n_tps"])))
    else:
        figure, tone = "–", "open"
        lines.append(ctx.say("brief.nothing_known"))
    lines += _beside(ctx, found, election)
    return figure, tone, tuple(lines)


def _beside(ctx: Context, found: Evidence, election: str) -> list[str]:
    """Return court-ordered re-votes and other kinds at the same election, stated separately from the zero."""
    lines = []
    court = found.zeros.get((election, "psu_court"))
    if court is not None and (n := court["value"] or court.get("ordered_lower")):
        lines.append(ctx.say("brief.court", n=int(n)))
    others = [
        f"{catalog.code_lists()['outcome'][outcome][f'short_{ctx.lang}']} {numbers.integer(int(n), ctx.lang)}"
        for outcome in BESIDE
        if (row := found.zeros.get((election, outcome))) is not None
        and (n := row["value"] or row.get("ordered_lower"))
    ]
    if others:
        lines.append(ctx.say("brief.also", others=", ".join(others)))
    return lines


def _late(ctx: Context, found: Evidence, election: str):  # type: ignore[no-untyped-def]
    row = found.zeros[election, "late_recap"]
    n, known = int(row["value"] or 0), int(row["n_known"] or 0)
    is_whole = row["coverage"] == "complete"
    lines = [ctx.say("brief.dated", n=known)] if known else []
    if n:
        days = next(
            (e["days_late"] for e in found.events if e["election_id"] == election and e["days_late"]), None
        )
        if days:
            lines.append(ctx.say("brief.days_late", days=int(days)))
        return _amount(ctx, n, "late_recap", is_whole), "missed", tuple(lines)
    return _amount(ctx, 0, "late_recap", True), "met" if is_whole else "open", tuple(lines)


def _disputes(ctx: Context, found: Evidence, election: str):  # type: ignore[no-untyped-def]
    row = found.zeros[election, "dispute"]
    n, is_whole = int(row["value"] or 0), row["coverage"] == "complete"
    lines = []
    for event in found.events:
        if event["election_id"] == election and event["outcome"] == "dispute" and event["n_granted"]:
            lines.append(ctx.say("brief.granted", n=int(event["n_granted"])))
    if n:
        return _amount(ctx, n, "dispute", is_whole), "missed", tuple(lines)
    return _amount(ctx, 0, "dispute", True), "met" if is_whole else "open", tuple(lines)


def _mark(ctx: Context, election: str, row: Row | None, outcome: str) -> Mark:
    name, found = ctx.elections[election].short, state(row)
    if row is None or found == "unknown":
        return Mark("unknown", ctx.say("brief.mark_unknown", election=name))
    if found == "none":
        return Mark(found, ctx.say("brief.mark_none", election=name))
    n = row["value"] if found == "happened" else row["ordered_lower"]
    said = f"{name}: {_amount(ctx, int(n), outcome, row['coverage'] == 'complete')}"
    return Mark(found, f"{said} ({ctx.say('brief.key_ordered')})" if found == "ordered" else said)


def span(ctx: Context, found: Evidence) -> str:
    """Return the first and last election of the strips."""
    elections = _elections(ctx, found)
    return f"{ctx.elections[elections[0]].short} → {ctx.elections[elections[-1]].short}" if elections else ""


def swatches(ctx: Context, states: Iterable[State]) -> tuple[KeyItem, ...]:
    """Return the legend of the strips."""
    words = {
        "happened": ctx.say("brief.key_happened"),
        "ordered": ctx.say("brief.key_ordered"),
        "none": ctx.say("brief.key_none"),
        "unknown": ctx.say("brief.key_unknown"),
    }
    return tuple(KeyItem(one, words[one]) for one in states)
