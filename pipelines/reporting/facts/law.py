"""The law as shown on a page: the article of the election's own law, must or may, or that none is cited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.catalog.form_rules import FormRule

from ..language import numbers
from ..model import Cell
from .context import Context

TABLE = "ref.law_in_force"
OF_ELECTION = """
select * from {table}
where election_id = ? and subject = ? and coalesce(ground_code, '') = ? order by contest_group
"""
COMING = """
select * from {table}
where is_coming and family = ? and subject = ? and coalesce(ground_code, '') = ? order by contest_group
"""


@dataclass(frozen=True)
class Law:
    """The law on one question; `citation` and `wording` are empty where no article may be shown."""

    state: str
    rule: str
    citation: str
    force: str
    wording: str
    election_id: str


def law_of(ctx: Context, election_id: str, subject: str, ground: str = "") -> Law:
    """Return the law in force at an election."""
    return _first(ctx, ctx.rows(TABLE, OF_ELECTION, [election_id, subject, ground]))


def coming_law(ctx: Context, family: str, subject: str, ground: str = "") -> Law:
    """Return the last law known before the coming election of a family (`national`, `regional`)."""
    return _first(ctx, ctx.rows(TABLE, COMING, [family, subject, ground]))


def law_of_row(ctx: Context, row: Mapping[str, Any]) -> Law:
    """Return the law in a row's columns `state`, `rule`, `citation`, `force` and `wording_*`."""
    texts = {name: numbers.clean(row[name] or "") for name in ("rule", "citation", "force")}
    wording = numbers.clean(row[f"wording_{ctx.columns}"] or row["wording_en"] or "")
    return Law(row["state"] or "uncited", wording=wording, election_id=row["election_id"] or "", **texts)


def _first(ctx: Context, rows: list[dict[str, Any]]) -> Law:
    return law_of_row(ctx, rows[0]) if rows else Law("uncited", "", "", "", "", "")


def told(ctx: Context, law: Law) -> str:
    """Return `UU 7/2017 pasal 372(2)d (wajib)`, or why there is no article."""
    if law.state == "cited":
        force = f" ({ctx.words.label('law_force', law.force)})" if law.force else ""
        return law.citation + force
    if law.state == "not_listed":
        return ctx.say("law.not_listed", rule=law.rule)
    return ctx.words.label("law_state", "uncited")


def law_cell(ctx: Context, law: Law) -> Cell:
    """Return the law as a table cell; muted where there is no article."""
    if law.state == "cited":
        return Cell(told(ctx, law), law.citation)
    return Cell(told(ctx, law), None, tone="muted")


def wordings(ctx: Context, laws: Iterable[Law]) -> tuple[str, ...]:
    """Return the wording of each cited provision, once, in order of first use."""
    found = {law.citation: law.wording for law in laws if law.citation and law.wording}
    return tuple(ctx.say("law.says", citation=citation, wording=text) for citation, text in found.items())


def remedy(ctx: Context, rule: FormRule, election_id: str) -> tuple[str, Law | None]:
    """Return (code of the remedy, law) for a failed rule; a lesser remedy if the election's law has no article."""
    if rule.law is None:
        return rule.remedy, None
    law = law_of(ctx, election_id, *rule.law)
    return (rule.remedy if law.state == "cited" else rule.lesser_remedy), law
