"""Sirekap 2024 as published: one JSON answer per polling station, in zip archives, single files, or lines of answers.

`*.zip` holds the tree of answers; `*.json` is one answer; `*.ndjson.gz` is what `titikrawan acquire` keeps, one
version of an answer per line, of which the last counts. Lists of areas give the names, answers about whole areas
give core.area_result, tables of changes core.result_change.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.catalog.sql import file_list

from ..catalog import table
from ..catalog.forms import FormText, form_columns
from ..catalog.messages import Joined, Message
from ..catalog.records import KEPT_WITH_WARNING, QUARANTINED, in_languages, problem_frame
from ..catalog.vocabulary import AREA_LEVELS
from .csv_text import TextTable
from .result_changes import PATTERN, read_changes
from .sirekap_record import CONTESTS, RecordError, choices, flatten, text
from .unpack import chunks, zip_members

ACCEPTS = ("*.zip", "*.json", "*.json.gz", "*.ndjson", "*.ndjson.gz", PATTERN)
_VOTES = "struct(kind varchar, option_id varchar, party_id varchar, votes varchar)[]"
_AREA = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{10}")
_STATION = re.compile(r"[0-9]{13}")
_NAMES = AREA_LEVELS


@dataclass(frozen=True)
class Answer:
    """One answer: file below data/raw, its place in it (from 1), path, and its bytes."""

    file: str
    place: int
    path: str
    body: bytes

    @property
    def code(self) -> str:
        return self.path.rsplit("/", 1)[-1].removesuffix(".json")


def answers(folder: Path) -> Iterator[Answer]:
    """Every answer below `folder`, in order of file and path."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        file = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        if path.suffix == ".zip":
            for place, (name, body) in enumerate(zip_members(path, file), 1):
                yield Answer(file, place, name, body)
        elif path.name.endswith((".ndjson.gz", ".ndjson")):
            yield from _versions(path, file)
        elif path.name.endswith((".json", ".json.gz")) and path.name != "datapackage.json":
            yield Answer(file, 1, file.removesuffix(".gz"), b"".join(chunks(path, file)))


def _versions(path: Path, file: str) -> Iterator[Answer]:
    """The last version of every answer in a file of lines."""
    last: dict[str, Answer] = {}
    lines = b"".join(chunks(path, file)).split(b"\n")
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            where, body = str(record["path"]), record["body"]
        except (ValueError, KeyError, TypeError):
            last[f"line {place}"] = Answer(file, place, f"line {place}.json", line)
            continue
        if body is None:
            last.pop(where, None)
        else:
            last[where] = Answer(file, place, where, str(body).encode())
    yield from last.values()


@dataclass
class _Sorted:
    """What a folder holds, by kind."""

    out: Path
    n_read: dict[str, Counter[str]] = field(default_factory=dict)
    n_lost: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def station(self, answer: Answer, value: Any) -> None:
        record = flatten(f"{answer.path}/{answer.file}", answer.code, value)
        record |= {"source_file": answer.file, "source_row": answer.place}
        province = answer.code[:2]
        with (self.out / f"{province}.ndjson").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        self.n_read.setdefault(province, Counter())[answer.file] += 1


def read_forms(folder: Path, out: Path) -> Iterator[tuple[FormText, pd.DataFrame]]:
    """The forms of every province, as lines of flat records."""
    found = _Sorted(out)
    for answer in answers(folder):
        _sort(found, answer)
    _write_names(found)
    problems = problem_frame(found.problems)
    for province in sorted(found.n_read) or ["00"]:
        plain = out / f"{province}.ndjson"
        plain.touch()
        yield (
            _form_text(
                folder.name,
                plain,
                out / "names.ndjson",
                dict(found.n_read.get(province, {})),
                dict(found.n_lost),
            ),
            problems,
        )
        problems, found.n_lost = problem_frame(), Counter()


def _sort(found: _Sorted, answer: Answer) -> None:
    if not answer.path.endswith(".json"):
        words = Message("sources.not_json")
        found.problems.append(_problem(answer, "ignored_member", KEPT_WITH_WARNING, words))
        return
    try:
        value = json.loads(answer.body.decode("utf-8-sig"))
        if isinstance(value, list) and all(isinstance(v, dict) and "kode" in v for v in value):
            found.names.update({str(v["kode"]): str(v.get("nama", "")) for v in value})
        elif _STATION.fullmatch(answer.code):
            found.station(answer, value)
        elif not _is_area(answer, value):
            raise RecordError("neither a polling station, nor an area, nor a list of areas")
    except (ValueError, RecursionError) as error:
        words = Message("sources.no_usable_answer", error=error)
        found.problems.append(_problem(answer, "malformed_json", QUARANTINED, words))
        found.n_lost[answer.file] += 1


def _is_area(answer: Answer, value: Any) -> bool:
    known = _AREA.fullmatch(answer.code) is not None or answer.code in CONTESTS
    return known and isinstance(value, dict) and "chart" in value


def _problem(answer: Answer, rule: str, disposition: str, words: Message) -> dict[str, Any]:
    return {
        "table_name": "core.result",
        "source_file": answer.file,
        "source_row": answer.place,
        "rule": rule,
        "disposition": disposition,
        "column_name": "",
        "value": answer.path,
        **in_languages(Joined(f"{answer.file}, {answer.path}:", words)),
        "raw_row": answer.body[:500].decode("utf-8", "backslashreplace"),
    }


def _write_names(found: _Sorted) -> None:
    with (found.out / "names.ndjson").open("w", encoding="utf-8") as stream:
        for code, name in sorted(found.names.items()):
            if _AREA.fullmatch(code):
                stream.write(json.dumps({"code": code, "name": name}, ensure_ascii=False) + "\n")


def _form_text(
    source: str, plain: Path, names: Path, n_read: dict[str, int], n_lost: dict[str, int]
) -> FormText:
    given = [c for c in form_columns() if c not in (*_NAMES, "area_code", "is_overseas", "is_special")]
    columns = ", ".join(f"{c}: 'varchar'" for c in given)
    answers_sql = (
        f"read_json({file_list([plain])}, format = 'newline_delimited', columns = {{{columns}, votes: '{_VOTES}', "
        "source_file: 'varchar', source_row: 'bigint'}, maximum_object_size = 67108864)"
    )
    listed = (
        f"read_json({file_list([names])}, format = 'newline_delimited', "
        "columns = {code: 'varchar', name: 'varchar'})"
    )
    joins = " ".join(
        f"left join {listed} n{i} on n{i}.code = a.{level}_code" for i, level in enumerate(_NAMES)
    )
    picked = ", ".join(f"n{i}.name as {level}" for i, level in enumerate(_NAMES))
    return FormText(
        source=source,
        relation=f"(select a.*, {picked} from {answers_sql} a {joins})",  # noqa: S608 (names of ours)
        columns={c: c for c in (*given, *_NAMES)},
        votes="case when len(votes) > 0 then votes end",
        source_file="source_file",
        source_row="source_row",
        n_read=n_read,
        n_lost=n_lost,
    )


def read(folder: Path) -> Iterator[TextTable]:
    """What was published for whole areas, core.area_result, and edited after publication, core.result_change."""
    yield from read_changes(folder)
    rows: list[dict[str, Any]] = []
    n_answers: Counter[str] = Counter()
    for answer in answers(folder):
        if _STATION.fullmatch(answer.code) or not answer.path.endswith(".json"):
            continue
        try:
            value = json.loads(answer.body.decode("utf-8-sig"))
        except ValueError:
            continue  # `read_forms` reports it
        if isinstance(value, dict) and _is_area(answer, value):
            rows += _area_rows(answer, value)
            n_answers[answer.file] += 1
    declared = table("core.area_result")
    frame = pd.DataFrame(rows, columns=declared.field_names).astype({"source_row": "int64"})
    if len(frame):
        yield TextTable(declared.full_name, frame, len(frame), file=f"{folder.name} (areas)")


def _area_rows(answer: Answer, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    contest = next((p for p in answer.path.removesuffix(".json").split("/") if p in CONTESTS), "")
    election, name = CONTESTS.get(contest, ("", ""))
    progress = text((value["chart"] or {}).get("persen")) or ""
    for choice in choices({"chart": value["chart"]}):
        if choice["kind"] != "party":
            yield {
                "election_id": election,
                "contest": name,
                "area_code": "00" if answer.code == contest else answer.code,
                "kind": choice["kind"],
                "option_id": choice["option_id"],
                "votes": choice["votes"] or "",
                "progress_percent": progress,
                "published_at": text(value.get("ts")) or "",
                "source_file": answer.file,
                "source_row": answer.place,
            }


def parts(files: list[Path]) -> tuple[list[list[Path]], list[Path]]:
    """What `titikrawan acquire` keeps can be checked by province, with the lists of areas; all else is one part."""
    provinces: dict[str, list[Path]] = {}
    for file in files:
        if file.parts[0] == "hhcw" and len(file.parts) > 3:
            provinces.setdefault(file.parts[2], []).append(file)
    shared = [file for file in files if file.parts[0] != "hhcw"]
    if not provinces or any(file.suffix in (".zip", ".json") for file in shared):
        return [files], []
    return [provinces[code] for code in sorted(provinces)], shared
