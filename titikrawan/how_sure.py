"""The page "How sure is this?": what is complete, what is a lower
bound, what is unknown, where sources disagree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .session import Session

PAGE = "HOW_SURE.md"
_HEAD = """# How sure is this?

Written by `python -m titikrawan.cookbook` from release `{release}`; the queries are the ones shown, so that every table can be made
anew from the release at hand.

A count is **complete** where the register states that its record is whole; **at least** where some cases are known and more are
possible; **steps only** where something was ordered, recommended or reported and nobody says whether it was held; **no data** where
nobody wrote anything down, which is never zero. A place that newspapers visit has more rows than a
quiet one: outside complete records, more rows do not mean more trouble.
"""  # noqa: E501 (lines of a page)
_WHOLE = """select election_id, outcome, count_if(coverage = 'complete') as complete, count_if(coverage = 'at_least') as at_least,
    count_if(coverage = 'steps_only') as steps_only, count_if(coverage = 'no_data') as no_data
from mart.coverage
where level in ('province', 'former_province')
group by all
order by election_id, outcome"""  # noqa: E501 (lines of a page)
_PROVINCES = """select a.name as province, count_if(c.coverage = 'complete') as complete, count_if(c.coverage = 'at_least') as at_least,
    count_if(c.coverage = 'steps_only') as steps_only, count_if(c.coverage = 'no_data') as no_data
from mart.coverage c
join ref.areas a using (area_code)
where c.level = 'province' and c.outcome in ('psu', 'psl', 'pss')
group by c.area_code, a.name
order by c.area_code"""  # noqa: E501 (lines of a page)
_CONFLICTS = """select subject, reason, count(*) as n
from mart.conflicts
group by all
order by n desc, subject, reason"""
_CONFIDENCE = """select election_id, count_if(confidence = 'high') as high, count_if(confidence = 'medium') as medium,
    count_if(confidence = 'low') as low
from core.revote_claim
group by all
order by election_id"""
_TAIL = """
## What is missing

- Villages: the register has codes only of villages that some source names (`ref.areas`, level village); incidents name others in
  words (`village_name` without `village_code`).
- Recapitulation: whole only at provincial level in the latest regional elections; districts are known where somebody wrote about them.
- Disputes: single cases are a selection; totals by election are whole where `mart.dispute_counts.coverage` says so.
- Results by polling station are not part of the release; they are loaded where they are added.
- Articles of the law are known for part of the incidents (`law_state`).

## One area, one number

`titikrawan trace mart.counts pemilu-2024 31 psu held` goes from a row to its claims, their file, line and page.
`from mart.v_area_all where area_code = '3171'` lists everything that is known about an area, with the source of each row.

## How to report an error

1. Find the claim: `titikrawan trace` prints its id, file, line and page.
2. Write a correction: `titikrawan correct CLAIM COLUMN NEW --source ADDRESS` prints an entry that names the value it expects to find,
   the new one, and the page that shows it; nothing is overwritten, and the entry says so when the record itself was mended.
3. Send it with the release id. A correction without a page that shows the new value is a question, and welcome as one.
"""  # noqa: E501 (lines of a page)


def page(con: Session, release: str) -> str:
    """Return the text of docs/HOW_SURE.md."""
    parts = [
        _HEAD.format(release=release),
        *_part(con, "Provinces by election and outcome", _WHOLE),
        *_part(
            con, "Re-votes, continued and postponed votes by province (elections and outcomes)", _PROVINCES
        ),
        *_part(con, "Where sources disagree", _CONFLICTS),
        *_part(con, "How sure the compilers are of single claims", _CONFIDENCE),
        _TAIL,
    ]
    return "\n".join(parts).rstrip() + "\n"


def _part(con: Session, title: str, sql: str) -> Iterable[str]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    lines = [_line(names), _line("---" for _ in names), *map(_line, cursor.fetchall())]
    return (f"## {title}\n", f"```sql\n{sql}\n```\n", "\n".join(lines), "")


def _line(cells: Iterable[Any]) -> str:
    return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"
