"""Say what is wrong with forms: one row per broken condition, worded once per distinct value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from ..catalog import Field, Table
from ..catalog.forms import FormText, form_columns, form_tables
from ..catalog.records import KEPT_WITH_WARNING, QUARANTINED
from . import messages
from .conditions import Condition
from .hints import Words
from .large_sql import quote, refused, typed

Marks = Mapping[str, Sequence[tuple[Condition, str]]]


def explain(
    con: duckdb.DuckDBPyConnection,
    text: FormText,
    marks: Marks,
    problems: list[pd.DataFrame],
    failed: dict[str, Counter[str]],
) -> None:
    """Problems of the forms in table `form` that are bad or worth a warning.

    Args:
        marks: full name of a table -> (condition, SQL that is true where it is broken).
        problems, failed: what is found is added to these.
    """
    counted = con.execute("select count(*) from form where is_bad or is_warned").fetchall()[0][0]
    if not counted:
        return
    fields = {c: t.field(c) for t in reversed(form_tables()) for c in t.field_names}
    columns = form_columns()
    values = ", ".join(f"{typed(fields[c], 't.' + quote(c))} as {quote(c)}" for c in columns)
    con.execute(
        "create or replace temp table suspect as select t.* exclude (votes), f.form_no from text_form t "
        "join (select source_file, source_row, rowid as form_no from form where is_bad or is_warned) f "
        "using (source_file, source_row)"
    )
    con.execute(f"create or replace temp view suspect_value as select {values}, form_no from suspect t")  # noqa: S608
    told: set[tuple[str, tuple[str, ...], str]] = set()
    for table in form_tables():
        for name in table.field_names:
            if name in columns:
                _cells(con, table, fields[name], problems, failed, told)
        for condition, sql in marks[table.full_name]:
            _condition(con, table, condition, sql, problems, failed, told)


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
    # A cell that is not of its type says nothing more about the rules that use it.
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
    """Add the problem rows of one condition; the words of each distinct value are joined back on."""
    said = pd.DataFrame(
        {
            **{f"v{i}": pd.Series([v[i] for v, _ in words], dtype="object") for i in range(len(columns))},
            "said_id": [w["id"] for _, w in words],
            "said_en": [w["en"] for _, w in words],
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
    frame = con.execute(f"""
        select
            '{table.full_name}' as table_name, s.source_file, s.source_row, '{rule}' as rule,
            '{disposition}' as disposition, '{column}' as column_name, {shown} as value,
            s.source_file || ', baris ' || s.source_row || ', kolom {column}: ' || {value} || said.said_id as message_id,
            s.source_file || ', line ' || s.source_row || ', column {column}: ' || {value} || said.said_en as message_en,
            cast(to_json(struct_pack({raw})) as varchar) as raw_row
        from {relation} s join said on {same}
        where {where}
        order by s.source_file, s.source_row
    """).df()  # noqa: S608 (declared names)
    problems.append(frame)
    return len(frame)


def explain_votes(
    con: duckdb.DuckDBPyConnection,
    text: FormText,
    problems: list[pd.DataFrame],
    failed: dict[str, Counter[str]],
) -> None:
    """Problems of the votes in table `bad_vote`."""
    rows = con.execute(
        "select f.source_file, f.source_row, f.tps_id, b.kind, b.option_id, b.votes_text from bad_vote b "
        "join form f on b.form_no = f.rowid order by all"
    ).fetchall()
    if not rows:
        return
    found = []
    for file, line, tps_id, kind, option, votes in rows:
        value = votes if votes is not None else ""
        words = messages.not_a("integer", value)
        negative = value.startswith("-") and value[1:].isdigit()
        if option is None:
            words = {
                "en": "a choice without an id. Correct it from the source.",
                "id": "pilihan tanpa identitas. Perbaiki menurut sumber.",
            }
        elif negative:
            words = {
                "en": "votes cannot be negative. Correct it from the source.",
                "id": "suara tidak mungkin negatif. Perbaiki menurut sumber.",
            }
        said = messages.place(words, file, line, f"votes[{option}]", value)
        found.append(
            {
                "table_name": "core.vote", "source_file": file, "source_row": line,
                "rule": "range" if negative else "type", "disposition": QUARANTINED,
                "column_name": f"votes[{option}]", "value": value, "message_id": said["id"],
                "message_en": said["en"], "raw_row": f'{{"tps_id": "{tps_id}", "kind": "{kind}"}}',
            }
        )  # fmt: skip
    problems.append(pd.DataFrame(found))
    failed["core.vote"]["type(votes)"] += len(found)
