"""Provisions four and six by name: which districts get which procedure and which supervision, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..facts import actions
from ..facts.context import Context
from ..facts.drills import drills
from ..facts.queries import within
from ..language import numbers
from ..model import Cell, Column, Group, Table, Text
from ..sections.actions import BOX, day

MOST = 12
UNKNOWN = "unknown"
FOUND = """
select district_code, any_value(district_name) as district, any_value(regency_name) as regency,
    coalesce(ground_code, 'unknown') as ground_code, election_id, sum(n_tps) as n
from {{table}}
where status in ('held', 'decided') and not is_within and district_code is not null and {condition}
group by all
order by district_code, ground_code, election_id
"""


def supervised(ctx: Context) -> Text | Table:
    """Build one row per district with a recorded incident: reason, procedure, supervision, a box to tick.

    Districts are sorted by number of elections, then of TPS; a text replaces the table if no source names a
    district.
    """
    condition, parameters = within(ctx.area)
    by_district: dict[str, list[Mapping[str, Any]]] = {}
    for row in ctx.rows("mart.incidents", FOUND.format(condition=condition), parameters):
        by_district.setdefault(row["district_code"], []).append(row)
    if not by_district:
        return Text((ctx.say("checklist.no_districts"),))
    ordered = sorted(
        by_district.items(),
        key=lambda one: (
            -len({row["election_id"] for row in one[1]}),
            -sum(int(row["n"]) for row in one[1]),
            one[0],
        ),
    )
    say = ctx.say
    columns = (
        Column(say("actions.done"), width=0.4),
        Column(ctx.words.label("level", "district").capitalize(), width=1.5),
        Column(say("checklist.reason"), width=2.4),
        Column(say("checklist.sop"), width=3.2),
        Column(say("checklist.supervision"), width=3.2),
        Column(say("checklist.officer"), width=1.2),
    )
    notes = [say("checklist.districts_note")]
    if len(ordered) > MOST:
        notes.append(say("checklist.more_districts", n=len(ordered) - MOST))
    rows = tuple(_line(ctx, found) for _, found in ordered[:MOST])
    return Table("", columns, (Group("", rows),), tuple(notes), is_read=True)


def _line(ctx: Context, found: list[Mapping[str, Any]]) -> tuple[Cell, ...]:
    by_ground: dict[str, int] = {}
    for row in found:
        by_ground[row["ground_code"]] = by_ground.get(row["ground_code"], 0) + int(row["n"])
    stated = {code: n for code, n in by_ground.items() if code != UNKNOWN}
    ground = min(stated, key=lambda code: (-stated[code], code)) if stated else UNKNOWN
    elections = dict.fromkeys(
        ctx.elections[row["election_id"]].short
        for row in sorted(found, key=lambda row: list(ctx.elections).index(row["election_id"]))
    )
    name = numbers.short_area(found[0]["district"])
    if ctx.area.level != "regency":
        name = f"{name}, {numbers.short_area(found[0]['regency'] or '')}"
    return (
        Cell(BOX),
        Cell(name, tone="strong"),
        Cell(
            ctx.say(
                "checklist.why_district",
                n=sum(by_ground.values()),
                elections=", ".join(elections),
                ground=_label(ctx, ground),
            )
        ),
        Cell(_sop(ctx, ground)),
        Cell(_supervision(ctx, ground)),
        Cell(""),
    )


def _label(ctx: Context, ground: str) -> str:
    rows = ctx.rows("ref.grounds", "select * from {table} where ground_code = ?", [ground])
    label = numbers.clean(rows[0][f"label_{ctx.columns}"]) if rows else ground
    return label[:1].lower() + label[1:]


def _sop(ctx: Context, ground: str) -> str:
    """Return the declared procedure for a ground, else the first action of its rehearsal."""
    if steps := _of(ground, "sop"):
        return _told(ctx, steps[0])
    if ground in drills():
        duty, words = drills()[ground].steps[0]
        return f"{actions.duty(duty, ctx.lang)}: {words[ctx.lang]}"
    return _told(ctx, actions.unstated()[0])


def _supervision(ctx: Context, ground: str) -> str:
    if steps := _of(ground, "supervision"):
        return _told(ctx, steps[0])
    return ctx.say("checklist.supervise", day=day(ctx, -1))


def _of(ground: str, provision: str) -> list[actions.Step]:
    return [step for step in actions.for_code(ground, "grounds") if step.provision == provision]


def _told(ctx: Context, step: actions.Step) -> str:
    return f"{day(ctx, step.day)}, {actions.duty(step.duty, ctx.lang)}: {step.text[ctx.lang]}"
