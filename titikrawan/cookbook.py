"""Questions of researchers and quotable facts, each with the query that answers it.

`python -m titikrawan.cookbook` runs them on the warehouse and writes docs/COOKBOOK.md with the answers,
docs/answers.json with the values of the facts, and docs/HOW_SURE.md; each names the release it was computed
from.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from .session import Session, connect

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
BOOK, ANSWERS = "COOKBOOK.md", "answers.json"
SHOWN = 10  # rows of an answer that are printed
_HEAD = """# Cookbook

{n} questions, each in SQL, in pandas and in R; all three give the same rows. Written by `python -m titikrawan.cookbook`; tests run
every SQL and Python block on a real release and compare the answers, and R's where `Rscript` and a way to DuckDB are installed.
The answers below are those of release `{release}`.

- SQL: `duckdb -readonly data/warehouse/titikrawan.duckdb`
- Python: `import titikrawan`, and the block leaves the frame `answer`
- R: `source("docs/cookbook.R")`, with CRAN's package `duckdb` or, where there is none, Python's through `reticulate`

Before a number is quoted: *lower* is what is certain, *upper* what it cannot exceed (empty: unknown). An area without a row is
unknown, not zero. How sure all this is: [HOW_SURE.md](HOW_SURE.md). What every column means: [DICTIONARY.md](DICTIONARY.md).
"""  # noqa: E501 (lines of a page)


@dataclass(frozen=True)
class Question:
    """One question: `sql`, and `python` that assigns the same rows to `answer`."""

    name: str
    words: dict[str, str]
    sql: str
    python: str


@dataclass(frozen=True)
class Fact:
    """A sentence with one number, `{v}`, and the query that computes it."""

    name: str
    words: dict[str, str]
    sql: str

    def said(self, value: Any, lang: str = "en") -> str:
        """Return the sentence with its number, with the digit grouping of the language."""
        number = f"{value:,}" if isinstance(value, int) else str(value)
        return self.words[lang].format(v=number if lang == "en" else number.replace(",", "."))


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions, in the order of the book."""
    raw = yaml.safe_load((HERE / "cookbook.yaml").read_text(encoding="utf-8"))
    return tuple(
        Question(name, {"en": one["en"], "id": one["id"]}, one["sql"].strip(), one["python"].strip())
        for name, one in raw.items()
    )


@cache
def facts() -> tuple[Fact, ...]:
    """Return all quotable facts."""
    raw = yaml.safe_load((HERE / "facts.yaml").read_text(encoding="utf-8"))
    return tuple(Fact(name, {"en": one["en"], "id": one["id"]}, one["sql"]) for name, one in raw.items())


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the rows of an answer as plain values: None for no data, ISO
    text for days, fractions with six decimals."""
    return [[_plain(value) for value in row] for row in frame.itertuples(index=False)]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, pd.Timestamp | dt.datetime | dt.date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 6)
    return value


def answer_in_sql(question: Question, con: Session) -> pd.DataFrame:
    """Run the SQL block and return its rows."""
    return con.df(question.sql)


def answer_in_python(question: Question) -> pd.DataFrame:
    """Run the Python block as a reader would and return its `answer`."""
    import titikrawan

    space: dict[str, Any] = {"titikrawan": titikrawan, "pd": pd}
    exec(question.python, space)  # noqa: S102 (our own file; what readers see is what runs)
    found: pd.DataFrame = space["answer"]
    return found


def values(con: Session) -> dict[str, Any]:
    """Return fact -> its value in this release."""
    return {one.name: _plain((con.execute(one.sql).fetchone() or (None,))[0]) for one in facts()}


def book(answers: dict[str, pd.DataFrame], found: dict[str, Any], release: str) -> str:
    """Return the text of docs/COOKBOOK.md."""
    lines = [_HEAD.format(n=len(questions()), release=release)]
    for number, one in enumerate(questions(), 1):
        query = one.sql.replace('"', '\\"')
        lines += [
            f"## {number}. {one.words['en']}\n\n*{one.words['id']}*\n",
            f"```sql\n{one.sql}\n```\n",
            f"```python\n{one.python}\n```\n",
            f'```r\ndbGetQuery(con, "\n{query}\n")\n```\n',
            _grid(answers[one.name]),
        ]
    lines.append(f"## Facts to quote\n\nEach from release `{release}`, with its query.\n")
    for fact in facts():
        lines.append(
            f"- {fact.said(found[fact.name])} *{fact.said(found[fact.name], 'id')}*  \n  `{fact.sql}`"
        )
    return "\n".join(lines).rstrip() + "\n"


def _grid(frame: pd.DataFrame) -> str:
    def line(cells: Iterable[Any]) -> str:
        return (
            "| " + " | ".join("" if cell is None else str(cell).replace("|", "\\|") for cell in cells) + " |"
        )

    rows = rows_of(frame)
    lines = [line(frame.columns), line("---" for _ in frame.columns), *map(line, rows[:SHOWN])]
    rest = len(rows) - SHOWN
    return "\n".join(lines) + (f"\n\n… and {rest} more rows.\n" if rest > 0 else "\n")


def write(con: Session, docs: Path = DOCS) -> Sequence[Path]:
    """Write the book, the values of the facts and the first rows of every answer; returns the files."""
    from . import how_sure
    from .query import release

    answers = {one.name: answer_in_sql(one, con) for one in questions()}
    found, name = values(con), release(con)
    kept = {
        "release": name,
        "answers": {key: rows_of(frame)[:SHOWN] for key, frame in answers.items()},
        "facts": found,
    }
    (docs / BOOK).write_text(book(answers, found, name), encoding="utf-8")
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    (docs / ANSWERS).write_text(text + "\n", encoding="utf-8")
    (docs / how_sure.PAGE).write_text(how_sure.page(con, name), encoding="utf-8")
    return (docs / BOOK, docs / ANSWERS, docs / how_sure.PAGE)


if __name__ == "__main__":
    with connect() as session:
        write(session)
