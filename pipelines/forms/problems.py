"""Report problems of forms: one row per broken condition, with a message built once per distinct value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from string import Formatter

import duckdb
import pandas as pd

from ..catalog import Field, Table
from ..catalog.forms import form_columns, form_tables
from ..catalog.records import KEPT_WITH_WARNING, QUARANTINED
from ..catalog.sql import literal, quote
from ..catalog.translations import translations
from ..catalog.vocabulary import LANGUAGES
from ..quality import messages
from ..quality.conditions import Condition
from ..quality.hints import Words
from ..quality.sql import refused, typed

Marks = Mapping[str, Sequence[tuple[Condition, str]]]


def explain(
    con: duckdb.DuckDBPyConnection,
    marks: Marks,
    problems: list[pd.DataFrame],
    failed: dict[str, Counter[str]],
) -> None:
    """Report the problems of rejected or doubtful forms in table `form`; their text is in table `suspect`.

    Args:
        marks: full name of a table -> (condition, SQL that is true where it is broken).
        problems, failed: findings are added to these.
    """
    numbers = [n for (n,) in con.execute("select form_no from form where is_bad or is_warned").fetchall()]
    fields = {c: t.field(c) for t in reversed(form_tables()) for c in t.field_names}
    columns = form_columns()
    texts = ", ".join(f"cast(t.{quote(c)} as varchar) as {quote(c)}" for c in columns)
    con.register("given_suspects", pd.DataFrame({"form_no": pd.Series(numbers, dtype="int64")}))
    # The text of all other forms is no longer needed; deleting it saves looking anything up for them.
    con.execute(f"delete from raw where not ({_among('rowid', numbers)})")  # noqa: S608 (constants)
    con.execute(
        f"create or replace temp table suspect as select {texts}, source_file, source_row, votes, form_no "  # noqa: S608
        f"from text_form t where {_among('form_no', numbers)}"
    )
    con.unregister("given_suspects")
    if not numbers:
        return
    values = ", ".join(f"{typed(fields[c], 't.' + quote(c))} as {quote(c)}" for c in columns)
    con.execute(
        f"create or replace temp table suspect_value as select {values}, form_no from suspect t"  # noqa: S608
    )
    told: set[tuple[str, tuple[str, ...], str]] = set()
    for table in form_tables():
        for name in table.field_names:
            if name in columns:
                _cells(con, table, fields[name], problems, failed, told)
        for condition, sql in marks[table.full_name]:
            _condition(con, table, condition, sql, problems, failed, told)


def _among(column: str, numbers: Sequence[int]) -> str:
    return f"{column} in (select form_no from given_suspects)" if numbers else "false"  # noqa: S608 (constants)


def _cells(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    field: Field,
    problems: list[pd.DataFrame],
    failed: dict[str, Counter[str]],
    told: set[tuple[str, tuple[str, ...], str]],
) -> None:
    key = ("type", (field.name,), field.type)
    if key in told:
        return
    told.add(key)
    where = refused(field, "s." + quote(field.name))
    found = con.execute(f"select distinct {quote(field.name)} from suspect s where {where}").fetchall()  # noqa: S608
    if not found:
        return
    words = [((value,), messages.not_a(field.type, value)) for (value,) in found]
    n = _add(con, table, "type", (field.name,), where, "suspect", words, QUARANTINED, problems)
    failed[table.full_name][f"type({field.name})"] += n


def _condition(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    condition: Condition,
    sql: str,
    problems: list[pd.DataFrame],
    failed: dict[str, Counter[str]],
    told: set[tuple[str, tuple[str, ...], str]],
) -> None:
    if (condition.rule, condition.columns, sql) in told:
        return
    told.add((condition.rule, condition.columns, sql))
    # A cell of the wrong type is not reported again by the rules that use it.
    fine = (
        " and ".join(f"not {refused(table.field(c), 's.' + quote(c))}" for c in condition.columns) or "true"
    )
    where = f"s.form_no in (select form_no from suspect_value where {sql}) and {fine}"  # noqa: S608
    names = ", ".join(quote(c) for c in condition.columns)
    found = con.execute(f"select distinct {names} from suspect s where {where}").fetchall()  # noqa: S608
    if not found:
        return
    words = []
    for values in found:
        texts = {c: str(v if v is not None else "") for c, v in zip(condition.columns, values, strict=True)}
        words.append((values, messages.broken(table, condition, texts, {})))
    disposition = KEPT_WITH_WARNING if condition.severity == "warn" else QUARANTINED
    n = _add(con, table, condition.rule, condition.columns, where, "suspect", words, disposition, problems)
    failed[table.full_name][condition.id] += n


def _add(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    rule: str,
    columns: tuple[str, ...],
    where: str,
    relation: str,
    words: Sequence[tuple[tuple[str | None, ...], Words]],
    disposition: str,
    problems: list[pd.DataFrame],
) -> int:
    """Add the problem rows of one condition; the message of each distinct value is joined back on."""
    said = pd.DataFrame(
        {
            **{f"v{i}": pd.Series([v[i] for v, _ in words], dtype="object") for i in range(len(columns))},
            **{f"said_{lang}": [w[lang] for _, w in words] for lang in LANGUAGES},
        }
    )
    con.register("said", said)
    same = " and ".join(
        f"s.{quote(c)} is not distinct from cast(said.v{i} as varchar)" for i, c in enumerate(columns)
    )
    shown = " || ', ' || ".join(f"coalesce(s.{quote(c)}, '')" for c in columns) or "''"
    column = ", ".join(columns)
    value = (
        f"case when {shown} <> '' then '''' || ({shown}) || ''': ' else '' end" if len(columns) == 1 else "''"
    )
    raw = (
        ", ".join(f"{quote(c)} := s.{quote(c)}" for c in form_columns())
        if relation == "suspect"
        else "row := ''"
    )
    said_where = ", ".join(f"{_placed(lang, column, value)} as message_{lang}" for lang in LANGUAGES)
    frame = con.execute(f"""
        select
            '{table.full_name}' as table_name, s.source_file, s.source_row, '{rule}' as rule,
            '{disposition}' as disposition, '{column}' as column_name, {shown} as value,
            {said_where},
            cast(to_json(struct_pack({raw})) as varchar) as raw_row
        from {relation} s join said on {same}
        where {where}
        order by s.source_file, s.source_row
    """).df()  # noqa: S608 (declared names)
    problems.append(frame)
    return len(frame)


def _placed(lang: str, column: str, value: str) -> str:
    """SQL that prefixes the message with file, line, column and value, as `catalog.records.placed` does."""
    parts = {
        "file": "s.source_file",
        "line": "s.source_row",
        "column": literal(column),
        "shown": value,
        "said": f"said.said_{lang}",
    }
    template = translations(lang).text("place.cell")
    pieces = [
        piece
        for text, name, _, _ in Formatter().parse(template)
        for piece in (literal(text) if text else "", parts[name] if name else "")
        if piece
    ]
    return " || ".join(pieces)
