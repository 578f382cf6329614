"""Read a workbook into rows of a catalog table, and report problems cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..catalog import Field
from ..catalog.messages import Message
from ..catalog.vocabulary import AREA_LEVELS
from ..catalog.workbooks import Kind, workbooks
from .cells import Book, Sheet, shown
from .check import check_rows
from .choices import read_choice
from .columns import Header, find_header, settled
from .findings import Misread, Passed, Problem, WorkbookError
from .places import MisreadAt, Place
from .register import Register, find_choice
from .text import normal, slug
from .titles import office_in_title, title_says
from .values import read_date, read_integer, read_stations

OURS = ("Petunjuk", "_pilihan", "_wilayah", "Hasil pemeriksaan")
"""Sheets of a template or a marked copy that hold no data."""
ADDRESS = "dokumen:"
LEVELS_ASKED = AREA_LEVELS


@dataclass
class Reading:
    """Result of reading a workbook.

    Attributes:
        kind: which. rows: valid rows in register format, column -> text. origins: (sheet, line) of each.
        problems: why the other rows were rejected; `warnings` concern rows that were kept.
        passed: rows, columns and sheets not read as data. n_read: number of data rows.
        rules: matching rule -> number of names and codes it matched.
        headers: sheet -> its header.
    """

    kind: Kind
    rows: list[dict[str, str]] = field(default_factory=list)
    origins: list[tuple[str, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    n_read: int = 0
    rules: dict[str, int] = field(default_factory=dict)
    headers: dict[str, Header] = field(default_factory=dict)

    @property
    def n_refused(self) -> int:
        return len({(p.sheet, p.row) for p in self.problems})


def guess_kind(book: Book) -> Kind:
    """Return the kind that shares most columns with the workbook.

    Raises:
        WorkbookError: none fits, or several fit equally well.
    """
    counts = {}
    for name, kind in workbooks().kinds.items():
        best = 0
        for sheet in book.sheets:
            found = find_header(sheet.rows, kind)
            if found and not sheet.name.startswith(OURS):
                named = sum(kind.table.field(f).is_required for f in found.positions)
                best = max(best, 100 * len(found.positions) + named)
        counts[name] = best
    top = max(counts.values())
    best_kinds = [name for name, n in counts.items() if n == top and n]
    if len(best_kinds) != 1:
        raise WorkbookError(
            Message("workbooks.which_kind", name=book.path.name, kinds=", ".join(workbooks().kinds))
        )
    return workbooks().kinds[best_kinds[0]]


def read_book(
    book: Book, kind: Kind, register: Register, election: str = "", within: str = "", name: str = ""
) -> Reading:
    """Read every sheet that has the header of the kind.

    Args:
        election, within: election and enclosing area code, where the sheets do not state them.
        name: prefix of row ids; default: the file name.

    Raises:
        WorkbookError: no sheet has a header of the kind.
    """
    reading = Reading(kind)
    stem = slug(name or book.path.stem)
    for sheet in book.sheets:
        if sheet.name in OURS:
            continue
        header = find_header(sheet.rows, kind)
        if header is None:
            if any(shown(c) for row in sheet.rows for c in row):
                reading.passed.append(Passed(sheet.name, 0, sheet.name, Message("workbooks.no_header")))
            continue
        header = settled(header, sheet.rows, lambda name, text: _is_choice(kind, register, name, text))
        reading.headers[sheet.name] = header
        if sheet.is_hidden:
            reading.passed.append(Passed(sheet.name, 0, sheet.name, Message("workbooks.hidden_sheet_read")))
        for unknown in header.unknown:
            reading.passed.append(
                Passed(sheet.name, header.line + 1, unknown, Message("workbooks.column_not_used"))
            )
        said = title_says(kind, sheet, header, register, stem, reading.passed)
        inside = within or office_in_title(sheet, header, register, reading.passed)
        _read_sheet(_SheetReader(reading, sheet, header, register, election, inside, stem, said))
    if not reading.headers:
        wanted = ", ".join(f.title["id"] for f in kind.asked)
        raise WorkbookError(Message("workbooks.nothing_to_read", name=book.path.name, wanted=wanted))
    _judge(reading)
    return reading


@dataclass
class _SheetReader:
    reading: Reading
    sheet: Sheet
    header: Header
    register: Register
    election: str
    within: str
    stem: str
    title_says: Mapping[str, str]

    def cell(self, row: Sequence[Any], name: str) -> Any:
        position = self.header.positions.get(name)
        value = row[position] if position is not None and position < len(row) else ""
        return "" if isinstance(value, str) and value.strip().lower() in workbooks().empty_marks else value

    def problem(self, line: int, name: str, value: object, wrong: Misread) -> None:
        column = self.header.positions.get(name, -1) + 1
        self.reading.problems.append(
            Problem(self.sheet.name, line, column, name, str(value), wrong.said, wrong.allowed, wrong.nearest)
        )


def _read_sheet(reader: _SheetReader) -> None:
    reading, sheet = reader.reading, reader.sheet
    known = set(reader.header.positions.values())
    for line, row in enumerate(sheet.rows[reader.header.line + 1 :], reader.header.line + 2):
        texts = [shown(c) for c in row]
        if not any(texts):
            continue
        said = _not_data(texts, known)
        if said is not None:
            reading.passed.append(Passed(sheet.name, line, next(t for t in texts if t)[:80], said))
            continue
        reading.n_read += 1
        before = len(reading.problems)
        for name, position in reader.header.positions.items():
            if (line, position + 1) in sheet.unsaved:
                reader.problem(line, name, "", Misread(Message("workbooks.formula_unsaved")))
        made = _row(reader, line, row)
        if len(reading.problems) == before:
            reading.rows.extend(made)
            reading.origins.extend([(sheet.name, line)] * len(made))


def _not_data(texts: Sequence[str], known: set[int]) -> Message | None:
    """Return why a row is not data: the example, a total, a note, the column numbers."""
    filled = [t for t in texts if t]
    first = normal(filled[0])
    if first.startswith(normal(workbooks().example_mark)):
        return Message("workbooks.example_row")
    if (
        len(filled) >= 3 and filled == [str(n) for n in range(int(filled[0]), int(filled[0]) + len(filled))]
        if (filled[0].isdigit() and len(filled[0]) < 4)
        else False
    ):
        return Message("workbooks.numbered_columns")
    words = [normal(w) for w in workbooks().not_data]
    if any(first == w or first.startswith(f"{w} ") for w in words):
        return Message("workbooks.total_or_note")
    if sum(1 for i, t in enumerate(texts) if t and i in known) <= 1:
        return Message("workbooks.too_little_in_row")
    return None


def _row(reader: _SheetReader, line: int, row: Sequence[Any]) -> list[dict[str, str]]:
    kind = reader.reading.kind
    made: dict[str, str] = dict.fromkeys((f.name for f in kind.table.source_fields), "")
    for name in kind.asked:
        if name.name in LEVELS_ASKED or name.name in ("tps", "source_url"):
            continue
        value = reader.cell(row, name.name)
        if not shown(value):
            continue
        try:
            made[name.name] = _value(reader, name, value)
        except Misread as wrong:
            reader.problem(line, name.name, shown(value), wrong)
    made["election_id"] = made["election_id"] or reader.election  # an explicit option wins over the title
    for code_of, code in reader.title_says.items():
        made[code_of] = made[code_of] or code
    for code_of, codes in workbooks().implied.items():
        for code, by in codes.items():
            if made.get(by):
                made[code_of] = made[code_of] or code
    for name_, code in kind.defaults.items():
        made[name_] = made[name_] or code
    _source(reader, row, made)
    place = _place(reader, line, row, made)
    for code_of, codes in workbooks().by_level.items():
        if place is not None and code_of in made and code_of not in reader.header.positions:
            made[code_of] = made[code_of] or codes.get(place.level, "")
    return _stations(reader, line, row, made, place)


def _value(reader: _SheetReader, field: Field, value: Any) -> str:
    choices = reader.register.choices(reader.reading.kind.table, field)
    if choices:
        return read_choice(field, choices, shown(value))
    return READERS[field.type](value)


def _is_choice(kind: Kind, register: Register, name: str, text: str) -> bool:
    field = next(f for f in kind.asked if f.name == name)
    return find_choice(register.choices(kind.table, field), text) is not None


def _text(value: Any) -> str:
    return " ".join(shown(value).split())


READERS: Mapping[str, Callable[[Any], str]] = {
    "string": _text,
    "integer": lambda v: str(read_integer(v)),
    "number": lambda v: str(read_integer(v)),
    "date": lambda v: read_date(v).isoformat(),
}


def _source(reader: _SheetReader, row: Sequence[Any], made: dict[str, str]) -> None:
    """Set the source: a web page is kept, anything else is a document; without one, the workbook is the source."""
    cited = _text(reader.cell(row, "source_url"))
    workbook = f"{reader.stem}, {reader.sheet.name}"
    if not cited:
        made["source_url"] = f"{ADDRESS}{workbook}"
        made["source_title"] = made["source_title"] or workbook
    elif cited.startswith(("http://", "https://", ADDRESS)):
        made["source_url"] = cited
        made["source_title"] = made["source_title"] or cited.removeprefix(ADDRESS)
    else:
        made["source_url"] = f"{ADDRESS}{cited}"
        title = made["source_title"]
        made["source_title"] = title if cited in title else f"{title} {cited}".strip()


def _place(reader: _SheetReader, line: int, row: Sequence[Any], made: dict[str, str]) -> Place | None:
    cells = {level: _text(reader.cell(row, level)) for level in LEVELS_ASKED}
    cells["code"] = shown(reader.cell(row, "area_code"))
    try:
        place = reader.register.places.find(cells, reader.within)
    except MisreadAt as wrong:
        name = "area_code" if wrong.level == "code" else wrong.level
        reader.problem(line, name, cells[wrong.level], wrong)
        return None
    if place is None:
        wrong_ = Misread(Message("workbooks.no_area"), Message("workbooks.form_area"))
        first = next((lv for lv in reversed(LEVELS_ASKED) if lv in reader.header.positions), "area_code")
        if reader.reading.kind.table.field("area_code").is_required:
            reader.problem(line, first, "", wrong_)
        return None
    made["area_code"] = place.code
    for level, name in place.names.items():
        if level in made:
            made[level] = name
    if "level" in made:
        made["level"] = place.level
    for rule in place.rules.values():
        reader.reading.rules[rule] = reader.reading.rules.get(rule, 0) + 1
    return place


def _stations(
    reader: _SheetReader, line: int, row: Sequence[Any], made: dict[str, str], place: Place | None
) -> list[dict[str, str]]:
    """Return one row per station that the cell names; the row itself where it names none."""
    kind = reader.reading.kind
    base = f"own/{reader.stem}/{slug(reader.sheet.name)}/{line}"
    if kind.id_column:
        made[kind.id_column] = base
    cell = reader.cell(row, "tps")
    if "tps" not in made or not shown(cell):
        return [made]
    try:
        numbers = read_stations(cell)
        if made.get("n_tps") and int(made["n_tps"]) != len(numbers):
            said = Message(
                "workbooks.other_number_of_tps", value=shown(cell), n=len(numbers), stated=made["n_tps"]
            )
            raise Misread(said)
    except Misread as wrong:
        reader.problem(line, "tps", shown(cell), wrong)
        return []
    del place
    return [
        {
            **made,
            "tps": n,
            "level": "tps",
            "n_tps": "1",
            kind.id_column: f"{base}/{n}" if len(numbers) > 1 else base,
        }
        for n in numbers
    ]


def _judge(reading: Reading) -> None:
    """Check the rows against the declared constraints; a line of the sheet is rejected as a whole."""
    broken = check_rows(reading.kind.table, reading.rows)
    refused: set[tuple[str, int]] = set()
    for one in broken:
        sheet, line = reading.origins[one.row]
        column = reading.headers[sheet].positions.get(one.field, -1) + 1
        value = reading.rows[one.row].get(one.field, "")
        problem = Problem(sheet, line, column, one.field, value, one.said)
        if one.is_warning:
            reading.warnings.append(problem)
        else:
            if problem not in reading.problems:  # report a line that names several stations only once
                reading.problems.append(problem)
            refused.add((sheet, line))
    for problem in _twice(reading):
        reading.problems.append(problem)
        refused.add((problem.sheet, problem.row))
    kept = [i for i, origin in enumerate(reading.origins) if origin not in refused]
    reading.rows = [reading.rows[i] for i in kept]
    reading.origins = [reading.origins[i] for i in kept]


def _twice(reading: Reading) -> Iterator[Problem]:
    """Yield a problem for each row that repeats an earlier one."""
    seen: dict[tuple[str, ...], tuple[str, int]] = {}
    for row, (sheet, line) in zip(reading.rows, reading.origins, strict=True):
        key = tuple(v for k, v in row.items() if k != reading.kind.id_column)
        if key in seen and seen[key] != (sheet, line):
            said = Message("workbooks.row_twice", sheet=seen[key][0], line=seen[key][1])
            yield Problem(sheet, line, 0, "", "", said)
        seen.setdefault(key, (sheet, line))
