"""Compact data of the entry page's explorer: every event and known zero of provinces and regencies.

The page holds it as JSON in a data block, which the policy need not allow since it is not executed. An area is
a string of `outcome.election.number`; a plus sign after the number means "at least", and 0 means that the count
is complete and zero; anything absent is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines import catalog
from pipelines.catalog.vocabulary import AFTER_VOTING, COUNTED_REVOTES

from ..facts.certainty import CLASSES, capital, label
from ..facts.context import Context
from ..facts.values import TABLE
from ..language import numbers
from ..language.phrases import read

EVENTS = "mart.area_events"
ALL_EVENTS = """
select area_code, outcome, election_id, n, is_at_least from {table}
where n > 0 and level in ('national', 'province', 'regency') order by area_code, voting_date, election_id, outcome
"""
ZEROS = """
select area_code, outcome, election_id from {table}
where coverage = 'complete' and value = 0 and coalesce(ordered_lower, 0) = 0
    and level in ('national', 'province', 'regency')
order by area_code, voting_date, election_id, outcome
"""
OUTCOMES = (*COUNTED_REVOTES, *AFTER_VOTING)


def known(ctx: Context, evidence: Mapping[str, str]) -> str:
    """Return the data block, safe inside a script element; `evidence`: class by area code."""
    outcomes = catalog.code_lists()["outcome"]
    elections = list(ctx.elections)
    at = {
        "o": {code: k for k, code in enumerate(OUTCOMES)},
        "e": {code: k for k, code in enumerate(elections)},
    }
    cells: dict[str, list[str]] = {}
    seen: set[tuple[str, str, str]] = set()
    for row in ctx.rows(EVENTS, ALL_EVENTS):
        if row["outcome"] not in at["o"] or row["election_id"] not in at["e"]:
            continue
        seen.add((row["area_code"], row["outcome"], row["election_id"]))
        cells.setdefault(row["area_code"], []).append(
            _cell(at, row, f"{int(row['n'])}{'+' * row['is_at_least']}")
        )
    for row in ctx.rows(TABLE, ZEROS):
        key = (row["area_code"], row["outcome"], row["election_id"])
        if key not in seen and row["outcome"] in at["o"] and row["election_id"] in at["e"]:
            cells.setdefault(row["area_code"], []).append(_cell(at, row, "0"))
    classes = [code for code in CLASSES if code in set(evidence.values())]
    found = {
        "outcomes": [[code, capital(outcomes[code][f"short_{ctx.lang}"])] for code in OUTCOMES],
        "revotes": len(COUNTED_REVOTES),
        "elections": [[code, ctx.elections[code].short] for code in elections],
        "evidence": [[code, capital(label(ctx, code))] for code in classes],
        "class": {code: classes.index(name) for code, name in sorted(evidence.items()) if name in classes},
        "known": {code: " ".join(values) for code, values in sorted(cells.items())},
        "say": _words(ctx),
    }
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _cell(at: Mapping[str, Mapping[str, int]], row: Mapping[str, Any], number: str) -> str:
    return f"{at['o'][row['outcome']]}.{at['e'][row['election_id']]}.{number}"


def _words(ctx: Context) -> dict[str, str]:
    """Return the explorer's messages; those with placeholders are passed as they are."""
    say, raw = ctx.say, read(ctx.lang)
    return {
        "none": say("explorer.none"), "unknown": say("brief.key_unknown"), "elections": raw["explorer.elections"][-1],
        "once": say("brief.map_once"), "shown": raw["explorer.shown"][-1],
        "nothing": raw["explorer.nothing"][-1], "more": say("explorer.more"), "area": say("explorer.area"),
        "province": say("explorer.province"), "code": say("explorer.code"), "number": say("explorer.number"),
        "times": say("explorer.times"), "election": say("explorer.election"), "outcome": say("explorer.outcome"),
        "revotes": say("explorer.revotes"), "all": say("explorer.all_elections"), "everywhere": say("explorer.nation"),
        "any": say("explorer.any_evidence"), "nobody": say("explorer.nobody"), "evidence": say("explorer.evidence"),
        "versus": raw["explorer.versus"][-1], "separator": numbers.integer(1000, ctx.lang)[1],
        "source": say("explorer.source", date=numbers.long_date(ctx.release.data_date, ctx.lang),
                      release=numbers.clean(ctx.release.release_id)),
    }  # fmt: skip
