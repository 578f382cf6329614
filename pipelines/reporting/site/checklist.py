"""Printable checklist: the steps for an area's findings, by day, with room for notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..facts import actions, findings
from ..facts.calendar import voting_day
from ..facts.context import Context
from ..language import numbers
from ..model import Brief, Callout, Cell, Column, Facts, Group, Report, Section, Table, Text
from ..sections.actions import BOX, Reason, article, basis_note, day, reasons, step_text
from .districts import supervised

PHASES: dict[str, Callable[[int], bool]] = {
    "before": lambda value: value < 0,
    "voting_day": lambda value: value == 0,
    "after": lambda value: value > 0,
}
BLANK = Cell("")
PLACES = "mart.priority_places"
FINDINGS = 12
FINDING_WIDTHS = {
    "area_name": 1.2,
    "problem": 2.4,
    "recommendation": 2.4,
    "responsible": 1.2,
    "deadline": 1.0,
}


@dataclass(frozen=True)
class Due:
    """One step with all its reasons; without reasons it is a basic prevention step."""

    step: actions.Step
    reasons: tuple[Reason, ...]


def due(ctx: Context) -> list[Due]:
    """Return every step once, earliest first; always includes the basic prevention steps."""
    found: list[Due] = []
    for reason in reasons(ctx):
        for step in reason.steps:
            known = next((one for one in found if one.step == step), None)
            if known:
                found[found.index(known)] = replace(known, reasons=(*known.reasons, reason))
            else:
                found.append(Due(step, (reason,)))
    found += [Due(step, ()) for step in actions.basics() if all(one.step != step for one in found)]
    return sorted(found, key=lambda one: one.step.day)


def build(ctx: Context, report: Report) -> Report:
    """Build the checklist of an area as a separate report: places to look at first, steps, districts,
    signature.

    `report`: the full report of the area, whose frame (names, release, words, banner) the checklist shares.
    """
    say = ctx.say
    found = due(ctx)
    has_evidence = any(one.reasons for one in found)
    say_why = "checklist.found" if has_evidence else "checklist.basics_only"
    sections = (
        Section("places", say("checklist.places"), _places(ctx, report.brief)),
        Section("steps", say("checklist.steps"), (Text((say(say_why),)), _steps(ctx, found))),
        *_findings(ctx),
        Section("districts", say("checklist.districts"), (supervised(ctx),)),
        Section("signature", say("checklist.signature"), (_signature(ctx),)),
    )
    return replace(report, title=say("checklist.title", area=ctx.area.name), sections=sections, brief=None)


def _places(ctx: Context, brief: Brief | None) -> tuple[Text] | tuple[Table, Callout]:
    """Return the places of the brief, in its order and with its reasons, so that both agree."""
    say, words = ctx.say, ctx.words
    if brief is None or not brief.places:
        return (Text((say("checklist.no_places"),)),)
    columns = (
        Column(words.field(PLACES, "rank"), width=0.4),
        Column(words.field(PLACES, "area_name"), width=1.6),
        Column(say("checklist.reason"), width=4.0),
        Column(words.field(PLACES, "evidence"), width=1.1),
        Column(say("checklist.looked_at"), width=3.0),
    )
    lines = tuple(
        (
            Cell(str(place.rank), place.rank),
            Cell(place.name, place.name, tone="strong"),
            Cell(place.why),
            Cell(place.tag),
            BLANK,
        )
        for place in brief.places
    )
    warning = Callout(say("places.warning_title"), (say("places.warning"), brief.places_note))
    return Table("", columns, (Group("", lines),), is_read=True), warning


def _steps(ctx: Context, found: list[Due]) -> Table:
    say = ctx.say
    columns = (
        Column(say("actions.done"), width=0.4),
        Column(say("actions.day"), width=0.7),
        Column(say("actions.step"), width=4.0),
        Column(say("actions.duty"), width=1.2),
        Column(say("checklist.reason"), width=2.0),
        Column(say("checklist.officer"), width=1.6),
        Column(say("checklist.date"), width=0.9),
        Column(say("checklist.initials"), width=0.8),
    )
    groups = []
    for phase, is_in in PHASES.items():
        lines = tuple(_line(ctx, one) for one in found if is_in(one.step.day))
        if lines:
            groups.append(Group(say(f"checklist.{phase}"), lines))
    notes = basis_note(ctx, [reason for one in found for reason in one.reasons])
    return Table("", columns, tuple(groups), (say("actions.note"), *notes), is_read=True)


def _line(ctx: Context, one: Due) -> tuple[Cell, ...]:
    told = "; ".join(
        f"{reason.label}: {basis}" if (basis := article(ctx, reason)) else reason.label
        for reason in one.reasons
    )
    return (
        Cell(BOX),
        Cell(day(ctx, one.step.day), one.step.day),
        Cell(step_text(ctx, one.step)),
        Cell(actions.duty(one.step.duty, ctx.lang), one.step.duty),
        Cell(told) if told else Cell(ctx.say("checklist.basic"), tone="muted"),
        BLANK,
        BLANK,
        BLANK,
    )


def _findings(ctx: Context) -> tuple[Section, ...]:
    """Return open recommendations of the office's own evaluations, earliest deadline first; empty without any."""
    rows = findings.still_open(ctx)[:FINDINGS]
    if not rows:
        return ()
    say, columns = ctx.say, ctx.words.columns(findings.TABLE, FINDING_WIDTHS)
    heads = (Column(say("actions.done"), width=0.4), *columns, Column(say("checklist.initials"), width=0.8))
    lines = tuple((Cell(BOX), *findings.cells(ctx, tuple(FINDING_WIDTHS), row), BLANK) for row in rows)
    table = Table("", heads, (Group("", lines),), (findings.counted(ctx),), is_read=True)
    return (Section("findings", say("findings.checklist"), (table,)),)


def _signature(ctx: Context) -> Facts:
    names = ("voting_date", "in_charge", "signed_on", "signed_by")
    day = voting_day(ctx)
    known = {"voting_date": f": {numbers.long_date(day, ctx.lang)}"} if day else {}
    return Facts(tuple((ctx.say(f"checklist.{name}") + known.get(name, ""), "") for name in names))
