"""Steps that follow from the grounds found here: provision, step, who, by when; a list to tick off on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.catalog.vocabulary import AFTER_VOTING

from ..facts import actions
from ..facts.certainty import capital
from ..facts.context import Context
from ..facts.queries import within
from ..facts.values import heading, value_text
from ..language import numbers
from ..model import Cell, Column, Group, Section, Table, Text

ALSO_WITHOUT_DATA = True
MOST = {"national": 5, "province": 6}  # grounds with steps shown; deeper areas show all
ALL = 100
FIRST = 3  # steps on page one
BOX = "☐"  # to be ticked by hand
GROUNDS = """
select ground_code, ground_{lang} as ground, sum(n_tps) as n
from (select distinct leaf_id, outcome, ground_code, ground_{lang}, n_tps from {{table}}
      where status = 'held' and ground_code is not null and {condition})
group by ground_code, ground_{lang}
order by (ground_code = 'unknown'), n desc, ground_code
"""
ZEROS = """
select * from {table} where area_code = ? and outcome = ? and value > 0 order by voting_date desc, election_id limit 1
"""


def build(ctx: Context) -> Section:
    """One group of steps per ground and outcome found; the basics of prevention for all."""
    found = reasons(ctx)
    key = "actions.found" if found else "actions.basics_only"
    groups = [Group(one.title, _lines(ctx, one.steps, one.article)) for one in found]
    groups.append(Group(ctx.say("actions.basics"), _lines(ctx, actions.basics(), "")))
    columns = (
        Column(ctx.say("actions.done"), width=0.55),
        Column(ctx.say("actions.step"), width=4.2),
        Column(ctx.say("actions.provision"), width=2.2),
        Column(ctx.say("actions.duty"), width=1.3),
        Column(ctx.say("actions.day"), width=0.8),
        Column(ctx.say("actions.article"), width=1.5),
    )
    table = Table("", columns, tuple(groups), (ctx.say("actions.note"),), is_read=True)
    return Section("actions", ctx.say("actions.title"), (Text((ctx.say(key),)), table))


def grounds_here(ctx: Context) -> list[dict[str, Any]]:
    """Grounds of the re-votes held in the area with the TPS they concern, most first, unknown last."""
    condition, parameters = within(ctx.area)
    return ctx.rows("mart.incidents", GROUNDS.format(lang=ctx.columns, condition=condition), parameters)


@dataclass(frozen=True)
class Reason:
    """Why steps are due here: a ground or an outcome, how it is told in full and in short, its steps and article."""

    title: str
    label: str
    steps: tuple[actions.Step, ...]
    article: str = ""


def reasons(ctx: Context) -> list[Reason]:
    """Grounds and outcomes recorded in the area that have steps, commonest first."""
    return [*_grounds(ctx), *_outcomes(ctx)]


def _grounds(ctx: Context) -> list[Reason]:
    found: list[Reason] = []
    for row in grounds_here(ctx):
        chosen = actions.for_code(row["ground_code"], "grounds")
        if chosen and len(found) < MOST.get(ctx.area.level, ALL):
            ground = numbers.clean(row["ground"] or row["ground_code"])
            title = ctx.say("actions.ground", ground=ground, n=int(row["n"]))
            found.append(Reason(title, ground, chosen))
    return found


def _outcomes(ctx: Context) -> list[Reason]:
    found = []
    for outcome in AFTER_VOTING:
        rows = ctx.rows("mart.three_zeros", ZEROS, [ctx.area.code, outcome])
        if rows:
            label = heading(ctx, outcome)
            title = ctx.say(
                "actions.outcome",
                outcome=label,
                value=value_text(ctx, rows[0]),
                election=ctx.election_name(rows[0]["election_id"]),
            )
            found.append(Reason(title, label, actions.for_code(outcome, "outcomes")))
    return found


def _lines(ctx: Context, chosen: Sequence[actions.Step], article: str) -> tuple[tuple[Cell, ...], ...]:
    names = ctx.rows("ref.provisions", "select * from {table}")
    labels = {row["provision_code"]: numbers.clean(row[f"label_{ctx.columns}"]) for row in names}
    return tuple(
        (
            Cell(BOX),
            Cell(step.text[ctx.lang]),
            Cell(labels.get(step.provision, step.provision), step.provision),
            Cell(actions.duty(step.duty, ctx.lang), step.duty),
            Cell(day(ctx, step.day), step.day),
            Cell(article, article) if article else ctx.words.cell("mart.incidents", "article", None),
        )
        for step in chosen
    )


def day(ctx: Context, value: int) -> str:
    """`H−30`, `H` or `H+1`: days from voting day."""
    return ctx.say("actions.voting_day") + (numbers.signed(value, ctx.lang) if value else "")


def first_steps(ctx: Context) -> tuple[str, ...]:
    """The first step of each of the commonest grounds here, earliest first; without any, the first of the basics."""
    known = [actions.for_code(row["ground_code"], "grounds") for row in grounds_here(ctx)]
    firsts = [found[0] for found in known if found] or list(actions.basics())
    chosen = [step for at, step in enumerate(firsts) if step not in firsts[:at]][:FIRST]
    lines = (
        ctx.say(
            "actions.first_line",
            day=day(ctx, step.day),
            duty=actions.duty(step.duty, ctx.lang),
            step=capital(step.text[ctx.lang]),
        )
        for step in sorted(chosen, key=lambda step: step.day)
    )
    return (*lines, ctx.say("actions.first"))
