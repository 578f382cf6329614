"""The votes of a form: a list of choices, typed and judged within the form."""

from __future__ import annotations

from collections import Counter

import duckdb
import pandas as pd

from ..catalog.forms import vote_table
from ..catalog.records import QUARANTINED, problem_frame
from ..catalog.sql import literal
from . import messages

_KINDS = ", ".join(literal(k) for k in vote_table().field("kind").constraints["enum"])
# SQL over the text column `votes` of a form: list of struct(kind, option_id, party_id, votes).
TYPED_VOTES = (
    "list_transform(votes, lambda v: struct_pack(kind := v.kind, option_id := nullif(v.option_id, ''), "
    "party_id := nullif(v.party_id, ''), votes := try_cast(nullif(v.votes, '') as bigint)))"
)
_BAD = (
    f"coalesce(v.option_id, '') = '' or coalesce(v.kind, '') not in ({_KINDS}) or (coalesce(v.votes, '') <> '' and "
    "(cast(try_cast(v.votes as bigint) as varchar) is distinct from v.votes or v.votes[1] = '-'))"
)
BAD_CHOICE = f"coalesce(list_bool_or(list_transform(votes, lambda v: {_BAD})), false)"
REPEATED_CHOICE = (
    "coalesce(list_unique(list_transform(votes, lambda v: v.kind || ' ' || v.option_id)) < len(votes), false)"
)


def explain_votes(
    con: duckdb.DuckDBPyConnection, problems: list[pd.DataFrame], failed: dict[str, Counter[str]]
) -> None:
    """Problems of the votes of forms in table `suspect`; what is found is added to `problems` and `failed`."""
    rows = con.execute(f"""
        with choice as (
            select source_file, source_row, tps_id, unnest(votes) as v from suspect where votes is not null
        ),
        judged as (
            select
                source_file, source_row, tps_id, v.kind as kind, nullif(v.option_id, '') as option_id,
                nullif(v.votes, '') as votes, {_BAD} as is_bad,
                count(*) over (partition by source_file, source_row, v.kind, v.option_id) as n
            from choice
        )
        select distinct source_file, source_row, tps_id, kind, option_id, if(is_bad, votes, null), is_bad
        from judged where is_bad or n > 1 order by all
    """).fetchall()  # noqa: S608 (constants)
    found = []
    for file, line, tps_id, kind, option, votes, is_bad in rows:
        value = votes if votes is not None else ""
        rule, words = _words(value, option, is_bad)
        said = messages.place(words, file, line, f"votes[{option}]", value)
        found.append(
            {
                "table_name": "core.vote", "source_file": file, "source_row": line, "rule": rule,
                "disposition": QUARANTINED, "column_name": f"votes[{option}]", "value": value,
                "message_id": said["id"], "message_en": said["en"],
                "raw_row": f'{{"tps_id": "{tps_id}", "kind": "{kind}"}}',
            }
        )  # fmt: skip
        failed["core.vote"]["type(votes)" if is_bad else REPEATED] += 1
    if found:
        problems.append(problem_frame(found))


REPEATED = f"unique({', '.join(vote_table().primary_key)})"


def _words(value: str, option: str | None, is_bad: bool) -> tuple[str, dict[str, str]]:
    if not is_bad:
        return "unique", {
            "en": "the form names this choice more than once. Correct it from the source.",
            "id": "formulir menyebut pilihan ini lebih dari sekali. Perbaiki menurut sumber.",
        }
    if option is None:
        return "type", {
            "en": "a choice without an id. Correct it from the source.",
            "id": "pilihan tanpa identitas. Perbaiki menurut sumber.",
        }
    if value.startswith("-") and value[1:].isdigit():
        return "range", {
            "en": "votes cannot be negative. Correct it from the source.",
            "id": "suara tidak mungkin negatif. Perbaiki menurut sumber.",
        }
    return "type", dict(messages.not_a("integer", value))
