"""Steps for the grounds found here: provision, step, who, by when; a list to tick off on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import AFTER_VOTING

from ..facts import actions, calendar
from ..facts.certainty import capital
from ..facts.context import Context
from ..facts.law import Law, coming_law, told
from ..facts.queries import within
from ..facts.values import heading, short_label, value_text
from ..language import numbers
from ..language.words import DASH
from ..model import Cell, Column, Group, Section, Table, Text

ALSO_WITHOUT_DATA = True
MOST = {"national": 5, "province": 6}  # number of grounds with steps; deeper areas show all
FIRST = 3  # steps on page one
BOX = "☐"  # to be ticked by hand
KINDS = catalog.code_lists()["outcome"]
# Grounds of ordered or held re-votes: the cause lay in the station whether or not the vote was repeated.
ORDERED = """
select area_code, incident_id, election_id, outcome, ground_code, ground_id, ground_en, n_tps
from {{table}}
where {condition} and status in ('held', 'decided') and not coalesce(is_within, false)
order by incident_id
"""
UNKNOWN = "unknown"
ZEROS = """
select * exclude (held_upper) from {table}
where area_code = ? and value > 0 order by voting_date desc, election_id, outcome
"""  # excludes what no page prints: `facts/values.py`


def build(ctx: Context) -> Section:
    """Build one group of steps per ground and outcome found, and the basic prevention steps for all."""
    found = reasons(ctx)
    key = "actions.found" if found else "actions.basics_only"
    groups = [Group(one.title, _lines(ctx, one.steps, article(ctx, one))) for one in found]
    groups.append(Group(ctx.say("actions.basics"), _lines(ctx, actions.basics(), "")))
    columns = (
        Column(ctx.say("actions.done"), width=0.55),
        Column(ctx.say("actions.step"), width=4.2),
        Column(ctx.say("actions.provision"), width=2.2),
        Column(ctx.say("actions.duty"), width=1.3),
        Column(ctx.say("actions.day"), width=0.8),
        Column(ctx.say("actions.article"), width=1.5),
    )
    notes = (ctx.say("actions.note"), *basis_note(ctx, found))
    table = Table("", columns, tuple(groups), notes, is_read=True)
    return Section("actions", ctx.say("actions.title"), (Text((ctx.say(key),)), table))


@dataclass(frozen=True)
class Ground:
    """A ground of re-votes ordered or held here.

    Attributes:
        n: number of TPS. found: (kind of event, family of elections) in which it was found.
    """

    code: str
    label: str
    n: int
    found: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GroundsHere:
    """The grounds of re-votes ordered or held in an area, most TPS first, and the number of TPS without one."""

    grounds: tuple[Ground, ...]
    n_tps: int
    n_unstated: int


def grounds_here(ctx: Context) -> GroundsHere:
    """Return the register's grounds in this area; "no ground stated" counts in the total but is not a ground."""
    condition, parameters = within(ctx.area)
    found_ = ctx.rows("mart.incidents", ORDERED.format(condition=condition), parameters)
    rows = list({row["incident_id"]: row for row in found_}.values())
    by_code: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_code.setdefault(row["ground_code"] or UNKNOWN, []).append(row)
    unstated = by_code.pop(UNKNOWN, [])
    grounds = (
        Ground(
            code,
            numbers.clean(found[0][f"ground_{ctx.columns}"] or code),
            sum(int(row["n_tps"]) for row in found),
            tuple(sorted({(row["outcome"], _family(ctx, row["election_id"])) for row in found})),
        )
        for code, found in by_code.items()
    )
    ordered = tuple(sorted(grounds, key=lambda ground: (-ground.n, ground.code)))
    return GroundsHere(
        ordered, sum(int(row["n_tps"]) for row in rows), sum(int(row["n_tps"]) for row in unstated)
    )


@dataclass(frozen=True)
class Reason:
    """Why steps apply here: a ground or an outcome in full and short form,
    its steps, the law of the coming election."""

    title: str
    label: str
    steps: tuple[actions.Step, ...]
    laws: tuple[tuple[str, Law], ...] = ()


def reasons(ctx: Context) -> list[Reason]:
    """Return recorded grounds and outcomes that have steps, commonest first; those without a ground last."""
    here = grounds_here(ctx)
    return [*_grounds(ctx, here.grounds), *_outcomes(ctx), *_unstated(ctx, here)]


def _grounds(ctx: Context, grounds: Sequence[Ground]) -> list[Reason]:
    chosen = [(ground, steps) for ground in grounds if (steps := actions.for_code(ground.code, "grounds"))]
    return [
        Reason(
            ctx.say("actions.ground", ground=ground.label, n=ground.n),
            ground.label,
            steps,
            tuple(
                (outcome, coming_law(ctx, family, outcome, ground.code)) for outcome, family in ground.found
            ),
        )
        for ground, steps in chosen[: MOST.get(ctx.area.level)]
    ]


def _family(ctx: Context, election_id: str) -> str:
    known = ctx.elections.get(election_id)
    return "regional" if known and known.kind == "regional" else "national"


def _outcomes(ctx: Context) -> list[Reason]:
    found = []
    for outcome in AFTER_VOTING:
        there = ctx.rows("mart.three_zeros", ZEROS, [ctx.area.code])
        rows = [row for row in there if row["outcome"] == outcome][:1]
        if rows:
            label, election = heading(ctx, outcome), rows[0]["election_id"]
            title = ctx.say(
                "actions.outcome",
                outcome=label,
                value=value_text(ctx, rows[0]),
                election=ctx.election_name(election),
            )
            family = _family(ctx, election)
            steps = actions.for_code(outcome, "outcomes")
            subjects = dict.fromkeys(subject for step in steps for subject in step.laws)
            laws = tuple((subject, coming_law(ctx, family, subject)) for subject in subjects)
            found.append(Reason(title, label, steps, laws))
    return found


def _unstated(ctx: Context, here: GroundsHere) -> list[Reason]:
    if not here.n_unstated:
        return []
    share = numbers.integer(round(100 * here.n_unstated / here.n_tps), ctx.lang)
    title = ctx.say("actions.unstated", n=here.n_unstated, total=here.n_tps, share=share)
    return [Reason(title, ctx.say("actions.unstated_short"), actions.unstated())]


def article(ctx: Context, reason: Reason) -> str:
    """Return the law for a reason in one text; each citation once, with the kind of event if there are several."""
    texts: dict[str, list[str]] = {}
    for subject, law in reason.laws:
        names = texts.setdefault(told(ctx, law), [])
        if (name := _subject(ctx, subject)) not in names:
            names.append(name)
    kinds = {name for names in texts.values() for name in names}
    if len(kinds) <= 1:
        return "; ".join(texts)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in texts.items())


def _subject(ctx: Context, subject: str) -> str:
    return short_label(ctx, subject) if subject in KINDS else ctx.words.label("law_subject", subject)


def basis_note(ctx: Context, found: Sequence[Reason]) -> tuple[str, ...]:
    """Return which elections the cited law belongs to, since that of the
    coming election is not in the register."""
    cited = dict.fromkeys(law.election_id for one in found for _, law in one.laws if law.citation)
    names = ", ".join(ctx.election_name(election) for election in cited)
    return (ctx.say("actions.law_note", elections=names),) if cited else ()


def step_text(ctx: Context, step: actions.Step) -> str:
    """Return what to do, and what shows that it is done."""
    return f"{step.text[ctx.lang]} {ctx.say('actions.measure', measure=step.measure[ctx.lang])}"


def _lines(ctx: Context, chosen: Sequence[actions.Step], basis: str) -> tuple[tuple[Cell, ...], ...]:
    names = ctx.rows("ref.provisions", "select * from {table}")
    labels = {row["provision_code"]: numbers.clean(row[f"label_{ctx.columns}"]) for row in names}
    return tuple(
        (
            Cell(BOX),
            Cell(step_text(ctx, step)),
            Cell(labels.get(step.provision, step.provision), step.provision),
            Cell(actions.duty(step.duty, ctx.lang), step.duty),
            Cell(day(ctx, step.day), step.day),
            Cell(basis, basis) if basis else Cell(DASH, None, tone="muted"),
        )
        for step in chosen
    )


def day(ctx: Context, value: int) -> str:
    """Return `H−30`, `H` or `H+1`: days relative to voting day, with the date if the office has set that day."""
    text = ctx.say("actions.voting_day") + (numbers.signed(value, ctx.lang) if value else "")
    return calendar.told(ctx, value, text)


def first_steps(ctx: Context) -> tuple[str, ...]:
    """Return the first step of each of the commonest grounds, earliest
    first; without any, the first basic step."""
    known = [actions.for_code(ground.code, "grounds") for ground in grounds_here(ctx).grounds]
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
