"""Changes since the previous release, from the comparison printed by `titikrawan diff`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import LANGUAGES

from ..facts.context import Context
from ..language import numbers
from ..model import Cell, Column
from . import fit
from .foot import foot
from .model import Grid, Slide

MOST_ROWS = 10
MOST_NOTES = 4


@dataclass(frozen=True)
class Changed:
    """A comparison of two releases in the form of diff.json: `notes` in
    words, `tables` by election and province."""

    before: str
    notes: Sequence[Mapping[str, Any]]
    tables: Sequence[Mapping[str, Any]]


def changes_slide(ctx: Context, changed: Changed | None) -> Slide:
    """Build the slide of rows added, removed or changed, in this province
    or the nation; words without a comparison."""
    title = ctx.say("slides.changes_title")
    ending = foot(ctx, "", ctx.say("slides.certain_changes"))
    if changed is None:
        return Slide(title, ending, ctx.say("slides.no_release_before"))
    since = numbers.clean(changed.before)
    rows = _rows(ctx, changed)
    notes = tuple(
        numbers.clean(note.get(LANGUAGES[ctx.lang].columns) or note.get("en") or "")
        for note in changed.notes
        if ctx.area.is_nation or str(note.get("area_code") or "00")[:2] in ("00", ctx.area.code)
    )[:MOST_NOTES]
    if not rows:
        return Slide(title, ending, ctx.say("slides.nothing_changed", since=since), notes=notes)
    say = ctx.say
    columns = (
        Column(say("slides.change_table"), width=4.0),
        Column(say("slides.change_election"), width=2.0),
        Column(say("slides.change_added"), "end"),
        Column(say("slides.change_removed"), "end"),
        Column(say("slides.change_changed"), "end"),
    )
    more = len(rows) - MOST_ROWS
    if more > 0:
        notes = (*notes, say("slides.more_rows", n=more))
    lead = say("slides.changes_lead", since=since)
    return Slide(title, ending, lead, Grid(columns, tuple(rows[:MOST_ROWS]), title), notes=notes)


def _rows(ctx: Context, changed: Changed) -> list[tuple[Cell, ...]]:
    """Return the changes, most rows first; counts over all provinces for the nation."""
    counts: dict[tuple[str, str], list[int]] = {}
    known = {table.full_name for table in catalog.load()}
    for table in changed.tables:
        name = str(table["table"])
        if name not in known or name.startswith("meta."):
            continue
        for group in table["groups"]:
            if not ctx.area.is_nation and str(group["province_code"] or "") != ctx.area.code:
                continue
            total = counts.setdefault((name, str(group["election_id"] or "")), [0, 0, 0])
            for k, key in enumerate(("n_added", "n_removed", "n_changed")):
                total[k] += int(group[key] or 0)
    ordered = sorted(counts.items(), key=lambda one: (-sum(one[1]), one[0]))
    return [
        fit.cells(
            ctx.words.table(name),
            ctx.elections[election].short if election in ctx.elections else "–",
            *(numbers.integer(n, ctx.lang) for n in found),
        )
        for (name, election), found in ordered
        if any(found)
    ]
