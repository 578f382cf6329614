"""The articles that apply to an event, by election and ground, with their wording."""

from __future__ import annotations

from itertools import groupby

from pipelines import catalog

from ..facts.context import Context
from ..facts.law import TABLE, law_of_row, told
from ..language import numbers
from ..model import Cell, Column, Facts, Group, Note, Section, Table, Text

SQL = """
select law.*, elections.voting_date
from {table} as law
join (select election_id, voting_date from ref.elections) as elections using (election_id)
where state = 'cited' and subject in ('psu', 'psl', 'pss', 'pssu')
order by voting_date desc, election_id, subject, ground_code, contest_group
"""
GROUNDS = "select ground_code, label_id, label_en from {table}"


def build(ctx: Context) -> Section:
    """Build one row per article and ground: a table per election family and kind would be repetitive."""
    title, rows = ctx.say("law.title"), ctx.rows(TABLE, SQL)
    if not rows:
        return Section("law", title, (Text((ctx.say("law.none"),)),))
    names = {r["ground_code"]: r[f"label_{ctx.columns}"] for r in ctx.rows("ref.grounds", GROUNDS)}
    # Elections under the same law are listed together, the newest first.
    found: dict[tuple[str, str, str], list[str]] = {}
    wordings: dict[str, str] = {}
    for row in rows:
        law = law_of_row(ctx, row)
        key = (row["subject"], row["ground_code"] or "", told(ctx, law))
        known = ctx.elections.get(row["election_id"])
        found.setdefault(key, []).append(known.short if known else row["election_id"])
        wordings.setdefault(law.citation, law.wording)
    order = list(catalog.code_lists()["outcome"])
    keys = sorted(found, key=lambda key: (order.index(key[0]), key[1]))
    groups = tuple(
        Group(
            ctx.words.label("outcome", subject),
            tuple(
                (
                    Cell(numbers.clean(names.get(ground) or ctx.say("law.any_ground")), ground),
                    Cell(citation),
                    Cell(", ".join(dict.fromkeys(found[subject, ground, citation]))),
                )
                for _, ground, citation in members
            ),
        )
        for subject, members in groupby(keys, key=lambda key: key[0])
    )
    columns = (
        Column(ctx.words.field("ref.grounds", "label_id"), width=2.0),
        Column(ctx.words.field(TABLE, "citation"), width=1.6),
        Column(ctx.words.field(TABLE, "election_id"), width=2.4),
    )
    said = tuple((citation, text) for citation, text in sorted(wordings.items()) if citation and text)
    return Section(
        "law",
        title,
        (Text((ctx.say("law.intro"),)), Table("", columns, groups), Facts(said), Note(ctx.say("law.note"))),
    )
