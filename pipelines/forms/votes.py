"""The votes of a form: a list of choices, cast and checked within the form.

If every form has the same choices, as in a presidential contest, they stay text columns until they are cast;
processing lists costs three times as much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import duckdb
import pandas as pd

from ..catalog.forms import FormText, vote_table
from ..catalog.messages import Message
from ..catalog.records import problem_frame
from ..catalog.sql import literal, quote
from ..quality import messages
from ..quality.sql import refused, typed

_KINDS = ", ".join(literal(k) for k in vote_table().field("kind").constraints["enum"])
_VOTES = vote_table().field("votes")
# SQL over the text column `votes` of a form: list of struct(kind, option_id, party_id, votes).
_TYPED = (
    "list_transform(votes, lambda v: struct_pack(kind := v.kind, option_id := nullif(v.option_id, ''), "
    "party_id := nullif(v.party_id, ''), votes := try_cast(nullif(v.votes, '') as bigint)))"
)
_BAD = (
    f"coalesce(v.option_id, '') = '' or coalesce(v.kind, '') not in ({_KINDS}) or (coalesce(v.votes, '') <> '' and "
    "(cast(try_cast(v.votes as bigint) as varchar) is distinct from v.votes or v.votes[1] = '-'))"
)
_BAD_CHOICE = f"coalesce(list_bool_or(list_transform(votes, lambda v: {_BAD})), false)"
_REPEATED_CHOICE = (
    "coalesce(list_unique(list_transform(votes, lambda v: v.kind || ' ' || v.option_id)) < len(votes), false)"
)


def pair_columns(text: FormText) -> dict[str, str]:
    """Return candidate pair id -> quoted column of view `text_form` with its votes, still text."""
    return {pair: quote(f"pair {pair}") for pair in text.pairs}


def text_votes(text: FormText) -> str:
    """SQL over the raw text: list of struct(kind, option_id, party_id, votes), all text."""
    if not text.pairs:
        return text.votes or "null"
    return _list({pair: f"cast({sql} as varchar)" for pair, sql in text.pairs.items()}, text.pairs.values())


def typed_votes(text: FormText) -> dict[str, str]:
    """Return column of table `judged` -> SQL over view `text_form`: votes as
    numbers, a list or one column per pair."""
    if not text.pairs:
        return {"votes": _TYPED}
    return {f"pair {pair}": typed(_VOTES, column) for pair, column in pair_columns(text).items()}


def listed_votes(text: FormText) -> dict[str, str]:
    """Return the columns that view `form` adds to table `judged`: the list
    of votes, where it is built from columns."""
    columns = pair_columns(text)
    return {"votes": _list(columns, columns.values())} if columns else {}


def wrong_votes(text: FormText) -> str:
    """SQL over view `text_form`, true where a choice is invalid or occurs twice; never null."""
    if not text.pairs:
        return f"{_BAD_CHOICE} or {_REPEATED_CHOICE}"
    columns = pair_columns(text).values()
    return " or ".join(f"{refused(_VOTES, c)} or coalesce({typed(_VOTES, c)} < 0, false)" for c in columns)


def _list(votes: Mapping[str, str], known: Iterable[str]) -> str:
    choices = ", ".join(
        f"{{'kind': 'pair', 'option_id': {literal(pair)}, 'party_id': null::varchar, 'votes': {sql}}}"
        for pair, sql in votes.items()
    )
    return f"case when coalesce({', '.join(known)}) is not null then [{choices}] end"


def explain_votes(
    con: duckdb.DuckDBPyConnection, problems: list[pd.DataFrame], failed: dict[str, Counter[str]]
) -> None:
    """Report problems in the votes of forms in table `suspect`; adds to `problems` and `failed`."""
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
        raw_row = f'{{"tps_id": "{tps_id}", "kind": "{kind}"}}'
        column = f"votes[{option}]"
        found.append(messages.problem("core.vote", rule, words, (file, line), column, value, raw_row=raw_row))
        failed["core.vote"]["type(votes)" if is_bad else REPEATED] += 1
    if found:
        problems.append(problem_frame(found))


REPEATED = f"unique({', '.join(vote_table().primary_key)})"


def _words(value: str, option: str | None, is_bad: bool) -> tuple[str, Mapping[str, str]]:
    if not is_bad:
        return "unique", Message("quality.repeated_choice")
    if option is None:
        return "type", Message("quality.choice_without_id")
    if value.startswith("-") and value[1:].isdigit():
        return "range", Message("quality.negative_votes")
    return "type", messages.not_a("integer", value)
