"""Wording of certainty: the evidence classes, what was compared, what has no data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import CLAIMED_EVIDENCE, EVIDENCE_TO_LOOK_AT, codes

from ..language import numbers
from ..model import Cell
from .context import Context
from .queries import BELOW, NATION

# From the strongest claim to none; classes are explained in this order.
CLASSES = codes("evidence")
PLACES = "mart.first_places"


def label(ctx: Context, code: str) -> str:
    """Return the label of an evidence class, the same everywhere."""
    return ctx.words.label("evidence", code)


def explanation(ctx: Context, code: str) -> str:
    """Return the catalog's explanation of an evidence class in one sentence."""
    return str(catalog.code_lists()["evidence"].get(code, {}).get(f"explain_{ctx.lang}", ""))


def explained(ctx: Context, codes: Iterable[str | None]) -> tuple[str, ...]:
    """Return `Watch list: Among the highest by estimate, ...` for each class among `codes`."""
    found = set(codes)
    return tuple(
        ctx.say("evidence.means", word=capital(label(ctx, code)), meaning=explanation(ctx, code))
        for code in CLASSES
        if code in found
    )


def evidence_cell(ctx: Context, code: str | None, is_comparable: bool = True) -> Cell:
    """Return a cell with the class; says so if nothing can be compared."""
    if not is_comparable:
        return Cell(ctx.say("evidence.not_comparable"), None, tone="muted")
    if code is None:
        return ctx.words.cell(PLACES, "evidence", None)
    strong = code in CLAIMED_EVIDENCE
    return Cell(
        label(ctx, code),
        code,
        tone="strong" if strong else "" if code in EVIDENCE_TO_LOOK_AT else "muted",
    )


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def scope_name(ctx: Context, scope: str) -> str:
    """Return what areas are compared with: the nation, or a province by name."""
    if scope == NATION:
        return ctx.say("scope.nation")
    found = ctx.rows("ref.areas", "select name from {table} where area_code = ?", [scope])
    return numbers.clean(found[0]["name"]) if found else numbers.clean(scope)


def ratio(ctx: Context, row: Mapping[str, Any], names: Sequence[str]) -> Cell:
    """Return `2,4× (1,5-3,5)`: median, low and high; only the median if there is no interval."""
    mid, low, high = (row[name] for name in names)
    if mid is None:
        return ctx.words.cell(PLACES, "relative_rate", None)
    if mid < 0.05 and (high is None or high < 0.05):
        return Cell(f"< {numbers.decimal(0.1, ctx.lang, 1)}×", mid)
    if low is None or high is None or low == high:
        return Cell(f"{numbers.decimal(mid, ctx.lang, 1)}×", mid)
    text = "{}× ({}–{})".format(*(numbers.decimal(value, ctx.lang, 1) for value in (mid, low, high)))
    return Cell(text, mid, tone="strong" if low > 1 else "")


def n_elections(ctx: Context, scope: str, outcome: str, level: str) -> int:
    """Return the number of elections at which the scope could be compared."""
    rows = ctx.rows(
        "mart.hotspots",
        "select count(distinct election_id) as n from {table}"
        " where scope_code = ? and outcome = ? and level = ? and is_comparable",
        [scope, outcome, level],
    )
    return sum(row["n"] for row in rows)


def unranked(ctx: Context, ranked: Iterable[str], level: str) -> list[str]:
    """Return the names of areas of a level in this area that are not ranked."""
    rows = ctx.rows(
        "ref.areas",
        "select area_code, name from {table} where level = ? and (? = '00' or starts_with(area_code, ?))"
        " and not contains(area_code, '-') order by area_code",
        [level, ctx.area.code, ctx.area.code],
    )
    known = set(ranked)
    return [numbers.short_area(row["name"]) for row in rows if row["area_code"] not in known]


def level_below(ctx: Context) -> str:
    """Return the level whose places are ranked: regencies for the nation
    and provinces, districts for a regency."""
    return "regency" if ctx.area.is_nation else BELOW.get(ctx.area.level, "")


def some_names(ctx: Context, names: Sequence[str], most: int) -> str:
    """Return up to `most` names, and how many more there are."""
    shown = "; ".join(names[:most])
    rest = len(names) - most
    return ctx.say("names.more", names=shown, n=rest) if rest > 0 else shown
