"""Tables of any shape, with a mapping that declares their columns (`<file>.map.yaml` or a shipped one)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from ..catalog import table
from ..catalog.forms import NAMES, FormText, form_columns
from ..catalog.messages import Message
from ..catalog.records import QUARANTINED, in_languages, placed, problem_frame
from ..catalog.sql import file_list
from ..catalog.vocabulary import AREA_LEVELS
from .about import SAMPLE, About, Look
from .csv_text import TextTable
from .errors import refuse
from .inputs import input_paths
from .mapping import (
    GRAINS,
    SUFFIX,
    TableMapping,
    code,
    fitting,
    number,
    read_mapping,
    shipped,
    tps,
)
from .newest import newest, superseded
from .recap_snapshots import progress, results
from .rows import PATTERNS, Row, rows_of, written

_VOTES = "struct(kind varchar, option_id varchar, party_id varchar, votes varchar)[]"
_LEVELS = {"province": 2, "regency": 4, "district": 6, "village": 10}
_FAULTS = {
    "not_utf8": "sources.line_not_utf8",
    "open_quote": "sources.line_open_quote",
    "ragged_row": "sources.line_ragged",
    "too_long": "sources.line_too_long",
    "malformed_json": "sources.line_no_json",
}
_PLAIN = (
    *AREA_LEVELS,
    "tps",
    "link",
    "code",
    "published_at",
    "name",
    "first_upload",
    "last_upload",
    "repeat_status",
)


def mapping_of(path: Path, file: str) -> TableMapping:
    """Return the mapping beside a table, else the shipped one that fits its columns.

    Raises:
        SourceError: there is none, or it declares something unknown.
    """
    beside = path.with_name(path.name + SUFFIX)
    if beside.exists():
        return read_mapping(beside)
    header = next((list(row.cells) for row in rows_of(path, file) if row.cells), [])
    found = fitting(header)
    if found is None:
        raise refuse(
            file,
            Message(
                "sources.no_mapping",
                columns=", ".join(header[:40]) or "-",
                file=path.name,
                shipped="; ".join(
                    f"{m.name.removesuffix('.yaml')}: {', '.join(m.needed())}" for m in shipped()
                ),
            ),
        )
    return found


def tables(folder: Path) -> list[Path]:
    """Return the tables of the folder, without their mappings."""
    return [p for p in input_paths(folder, PATTERNS) if not p.name.endswith(SUFFIX)]


def _value(name: str, cells: dict[str, str], mapping: TableMapping) -> str:
    text = cells.get(mapping.columns[name], "")
    return text.strip() if name in _PLAIN else number(text, mapping.numbers)


def _choices(cells: dict[str, str], mapping: TableMapping) -> list[dict[str, str | None]]:
    return [
        {
            "kind": "pair",
            "option_id": option,
            "party_id": None,
            "votes": number(cells.get(column, ""), mapping.numbers),
        }
        for option, column in mapping.choices.items()
    ]


def _form(row: Row, mapping: TableMapping, file: str) -> dict[str, Any]:
    cells = row.cells
    made: dict[str, Any] = dict.fromkeys(form_columns())
    made |= {
        c: _value(c, cells, mapping) or None for c in mapping.columns if c in made and c not in AREA_LEVELS
    }
    made |= {c: _value(c, cells, mapping) or None for c in AREA_LEVELS if c in mapping.columns}
    made |= {"election_id": mapping.election, "contest": mapping.contest}
    if mapping.by_name:
        made["tps"] = tps(_value("tps", cells, mapping))
        place = "/".join(str(made[c] or "") for c in AREA_LEVELS)
        # The same names always give the same number, like the ids of sources that have one per village.
        made["tps_id"] = f"{int(sha256(place.lower().encode()).hexdigest()[:12], 16)}/{made['tps']}"
    else:
        station = code(cells, mapping)
        made |= {"tps_id": station, "tps": station[10:]}
        made |= {f"{level}_code": station[:n] for level, n in _LEVELS.items()}
    choices = _choices(cells, mapping)
    made["votes"] = choices if any(c["votes"] for c in choices) else []
    return made | {"source_file": file, "source_row": row.line}


def read_forms(folder: Path, out: Path) -> Iterator[tuple[FormText, pd.DataFrame]]:
    """Yield the forms of every table by station.

    Raises:
        SourceError: a table cannot be read, or has no mapping.
    """
    for position, path in enumerate(tables(folder)):
        file = f"{folder.name}/{path.name}"
        mapping = mapping_of(path, file)
        if mapping.gives != "forms":
            continue
        plain = out / f"{position:05d}.ndjson"
        problems: list[dict[str, Any]] = []
        n_read = 0
        with plain.open("w", encoding="utf-8") as stream:
            for row in rows_of(path, file):
                if row.fault:
                    problems.append(_problem("core.result", file, row))
                    continue
                n_read += 1
                stream.write(json.dumps(_form(row, mapping, file)) + "\n")
        yield (
            _text(folder.name, plain, mapping, {file: n_read}, {file: len(problems)}),
            problem_frame(problems),
        )


def _text(
    source: str, plain: Path, mapping: TableMapping, n_read: dict[str, int], n_lost: dict[str, int]
) -> FormText:
    given = [c for c in form_columns() if c not in ("area_code", "is_overseas", "is_special")]
    columns = ", ".join(f"{c}: 'varchar'" for c in given)
    return FormText(
        source=source,
        relation=f"read_json({file_list([plain])}, format = 'newline_delimited', columns = {{{columns}, votes: "
        f"'{_VOTES}', source_file: 'varchar', source_row: 'bigint'}})",
        columns={c: c for c in given},
        votes="case when len(votes) > 0 then votes end",
        source_file="source_file",
        source_row="source_row",
        n_read=n_read,
        n_lost=n_lost,
        areas=NAMES if mapping.by_name else "codes",
    )


def read(folder: Path) -> Iterator[TextTable]:
    """Yield area results, voter lists and third-party counts, as the mappings declare.

    Raises:
        SourceError: a table cannot be read, or has no mapping.
    """
    areas: list[dict[str, Any]] = []
    for path in tables(folder):
        file = f"{folder.name}/{path.name}"
        mapping = mapping_of(path, file)
        if mapping.gives == "forms":
            continue
        name, made, problems = _rows(path, file, mapping)
        if mapping.gives == "areas":
            areas += made
            made = []
        elif mapping.gives == "recap":
            areas += results(made)
        if made or problems:
            yield _text_table(name, made, problems, file)
    if areas:
        # The newest of several snapshots of an area is its result.
        used, older = newest(areas)
        for file in sorted({row["source_file"] for row in areas}):
            mine = [row for row in used if row["source_file"] == file]
            gone = [superseded(*one) for one in older if one[0]["source_file"] == file]
            yield replace(_text_table("core.area_result", mine, gone, file), n_read=len(mine))


def _rows(
    path: Path, file: str, mapping: TableMapping
) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the table name, its rows as text, and the lines that could not be read."""
    makers: dict[str, tuple[str, Callable[..., Iterator[dict[str, Any]]]]] = {
        "areas": ("core.area_result", _areas),
        "dpt": ("core.dpt", _dpt),
        "crowd": ("core.crowd_count", _crowd),
        "recap": ("core.recap_progress", partial(_recap, file_name=path.name)),
    }
    name, make = makers[mapping.gives]
    empty = dict.fromkeys(table(name).field_names, "")
    made: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for row in rows_of(path, file):
        if row.fault:
            problems.append(_problem(name, file, row))
            continue
        for one in make(row.cells, mapping):
            made.append({**empty, **one, "source_file": file, "source_row": row.line})
    return name, made, problems


def _text_table(
    name: str, made: list[dict[str, Any]], problems: list[dict[str, Any]], file: str
) -> TextTable:
    declared = table(name)
    frame = pd.DataFrame(made, columns=declared.field_names)
    frame = frame.astype({c: "int64" if c == "source_row" else "str" for c in frame.columns})
    return TextTable(name, frame, len(frame) + len(problems), problem_frame(problems), file)


def _recap(cells: dict[str, str], mapping: TableMapping, file_name: str) -> Iterator[dict[str, Any]]:
    yield progress(cells, mapping, file_name)


def _areas(cells: dict[str, str], mapping: TableMapping) -> Iterator[dict[str, Any]]:
    for choice in _choices(cells, mapping):
        yield {
            "election_id": mapping.election,
            "contest": mapping.contest,
            "area_code": "00" if code(cells, mapping) in ("0", "00") else code(cells, mapping),
            "level": mapping.grain,
            **{key: choice[key] for key in ("kind", "option_id", "votes")},
            **{
                c: _value(c, cells, mapping)
                for c in ("progress_percent", "published_at")
                if c in mapping.columns
            },
        }


def _dpt(cells: dict[str, str], mapping: TableMapping) -> Iterator[dict[str, Any]]:
    area = code(cells, mapping)
    above = [n for n in _LEVELS.values() if n < len(area)]
    named = next((_value(c, cells, mapping) for c in ("name", mapping.grain) if c in mapping.columns), "")
    yield {
        "election_id": mapping.election,
        "source_code": area,
        "parent_source_code": area[: above[-1]] if above else "0",
        "level": "tps" if mapping.grain == "station" else mapping.grain,
        "name": named or area,
        **{c: _value(c, cells, mapping) for c in ("n_tps", "dpt_male", "dpt_female") if c in mapping.columns},
    }


def _crowd(cells: dict[str, str], mapping: TableMapping) -> Iterator[dict[str, Any]]:
    for choice in _choices(cells, mapping):
        yield {
            "election_id": mapping.election,
            "contest": mapping.contest,
            "counted_by": mapping.name.removesuffix(SUFFIX).removesuffix(".yaml"),
            "tps_id": code(cells, mapping),
            **{key: choice[key] for key in ("option_id", "votes")},
            **{
                c: _value(c, cells, mapping)
                for c in ("n_pending", "n_error", "n_complete")
                if c in mapping.columns
            },
            **(
                {"published_at": moment(_value("published_at", cells, mapping))}
                if "published_at" in mapping.columns
                else {}
            ),
        }


def moment(text: str) -> str:
    """Convert milliseconds since 1970 to a UTC timestamp; anything else stays as it is."""
    if text.isascii() and text.isdigit() and len(text) == 13:
        return str(pd.Timestamp(int(text), unit="ms").floor("s"))
    return text


def _problem(name: str, file: str, row: Row) -> dict[str, Any]:
    said = Message(_FAULTS[row.fault], width="-", limit=100_000)
    return {
        "table_name": name,
        "source_file": file,
        "source_row": row.line,
        "rule": row.fault,
        "disposition": QUARANTINED,
        "column_name": "",
        "value": row.raw[:200],
        **in_languages(placed(said, file, row.line)),
        "raw_row": json.dumps([row.raw]),
    }


def _look(path: Path, file: str) -> Look:
    """Inspect a table: the mapped columns must exist, and half of the first codes must have the expected
    length.

    Raises:
        SourceError: the mapping does not fit the file.
    """
    if path.name.endswith(SUFFIX):
        read_mapping(path)
        return Look(1, 1)
    mapping = mapping_of(path, file)
    sample = list(islice(rows_of(path, file), SAMPLE))
    there = set(next((row.cells for row in sample if row.cells), {}))
    missing = [c for c in (*mapping.columns.values(), *mapping.choices.values()) if c not in there]
    needed = set(mapping.needed())
    if sample and (needed - there or (missing and not mapping.match)):
        columns = ", ".join(sorted(needed - there) or missing)
        raise refuse(
            file, Message("sources.mapping_columns", missing=columns, there=", ".join(sorted(there)[:40]))
        )
    good = Counter(_is_code(row, mapping) for row in sample)[True]
    if len(sample) > 1 and good * 2 < len(sample):
        first = json.dumps({k: written(v) for k, v in sample[0].cells.items()}, ensure_ascii=False)[:200]
        raise refuse(
            file,
            Message("sources.rows_of_another_kind", n_good=good, n_seen=len(sample), first=first),
            line=sample[0].line,
        )
    return Look(len(sample), good)


def _is_code(row: Row, mapping: TableMapping) -> bool:
    if row.fault:
        return False
    if mapping.by_name:
        return bool(_value("province", row.cells, mapping))
    found = code(row.cells, mapping)
    return found.isascii() and found.isdigit() and (len(found) == GRAINS[mapping.grain] or found == "0")


ABOUT = About(
    title=Message("sources.about_table"),
    needs=Message("sources.needs_table", shipped=", ".join(m.name.removesuffix(".yaml") for m in shipped())),
    accepts=PATTERNS,
    look=_look,
)
