"""Sirekap 2024 as published: one JSON answer per polling station, in zip archives, single files or JSON
lines.

`*.zip` holds the tree of answers; `*.json` is one answer or a bundle of many; `*.ndjson.gz` is the format of
`titikrawan acquire`: one version of an answer per line, of which the last counts. Lists of areas supply the
names, answers about whole areas feed core.area_result, change tables feed core.result_change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from ..catalog import table
from ..catalog.forms import FormText, form_columns
from ..catalog.messages import Joined, Message
from ..catalog.records import KEPT_WITH_WARNING, QUARANTINED, in_languages, problem_frame
from ..catalog.sql import file_list
from ..catalog.vocabulary import AREA_LEVELS
from .about import SAMPLE, About, Look, look_at_table
from .csv_text import TextTable
from .errors import refuse
from .json_answers import AREA, PATTERNS, STATION, Answer, answers, answers_of
from .newest import newest, superseded
from .result_changes import COLUMNS as CHANGES
from .result_changes import PATTERN, read_changes
from .sirekap_record import CONTESTS, RecordError, choices, contest_named, flatten, text, unwrapped

LEVELS = {2: "province", 4: "regency", 6: "district", 10: "village"}
_VOTES = "struct(kind varchar, option_id varchar, party_id varchar, votes varchar)[]"
_NAMES = AREA_LEVELS


@dataclass
class _Sorted:
    """Contents of a folder, by kind."""

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
    """Yield the forms of every province, as lines of flat records."""
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
        value = answer.value()
        if STATION.fullmatch(answer.code):
            found.station(answer, value)
        elif _is_area_list(value):
            found.names.update({str(v["kode"]): str(v.get("nama") or "") for v in value})
        elif _is_area(answer, value):
            list(_area_rows(answer, value))
        else:
            raise RecordError("neither a polling station, nor an area, nor a list of areas")
    except RecordError as error:
        words = Message("sources.no_usable_answer", error=error)
        found.problems.append(_problem(answer, "malformed_json", QUARANTINED, words))
        found.n_lost[answer.file] += 1


def _is_area_list(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(v, dict) and isinstance(v.get("kode"), str | int) and isinstance(v.get("nama") or "", str)
        for v in value
    )


def _is_area(answer: Answer, value: Any) -> bool:
    known = AREA.fullmatch(answer.code) is not None or answer.code in CONTESTS
    return known and isinstance(value, dict) and "chart" in unwrapped(value)


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
            if AREA.fullmatch(code):
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
    """Yield published results of whole areas (core.area_result) and later edits (core.result_change)."""
    yield from read_changes(folder)
    rows: list[dict[str, Any]] = []
    for answer in answers(folder):
        if STATION.fullmatch(answer.code) or not answer.path.endswith(".json"):
            continue
        try:
            value = answer.value()
            if _is_area(answer, value):
                rows += _area_rows(answer, value)
        except RecordError:
            continue  # `read_forms` reports it
    declared = table("core.area_result")
    used, older = newest(rows)
    frame = pd.DataFrame(used, columns=declared.field_names).astype({"source_row": "int64"})
    if len(frame):
        problems = problem_frame(superseded(*one) for one in older)
        yield TextTable(declared.full_name, frame, len(frame), problems, file=f"{folder.name} (areas)")


def _area_rows(answer: Answer, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the choices of an answer about an area.

    Raises:
        RecordError: its shape is unexpected.
    """
    inner = unwrapped(value)
    folders = answer.path.removesuffix(".json").split("/")
    contest = next((part for part in folders if part in CONTESTS), "")
    code = "00" if answer.code == contest else answer.code
    election, name = contest_named(contest, code)
    if not contest:
        raise RecordError("its path does not say which contest it is")
    progress = text(_progress(inner)) or ""
    for choice in choices({"chart": inner["chart"]}):
        if choice["kind"] != "party":
            yield {
                "election_id": election,
                "contest": name,
                "area_code": code,
                "level": LEVELS.get(len(code), "") if code != "00" else "national",
                "kind": choice["kind"],
                "option_id": choice["option_id"],
                "votes": choice["votes"] or "",
                "progress_percent": progress,
                "published_at": text(value.get("ts")) or "",
                "source_file": answer.file,
                "source_row": answer.place,
            }


def _progress(inner: dict[str, Any]) -> Any:
    """Return the percentage of stations that have reported, as the answer states it."""
    chart = inner["chart"] if isinstance(inner["chart"], dict) else {}
    for said in (chart.get("persen"), chart.get("progres"), inner.get("progres")):
        percent = said.get("persen") if isinstance(said, dict) else said
        if isinstance(percent, int | float | str) and not isinstance(percent, bool):
            return percent
    return None


def _look(path: Path, file: str) -> Look:
    """Inspect a file: its first answers must include a usable one, unless the file holds no answers.

    Raises:
        SourceError: it cannot be unpacked, or holds other data.
    """
    if path.match(PATTERN):
        return look_at_table(path, file, CHANGES, lambda row: STATION.fullmatch(row["tps"]) is not None)
    n = n_good = 0
    why = ""
    for answer in islice(answers_of(path, file), SAMPLE):
        n += 1
        try:
            value = answer.value()
            if STATION.fullmatch(answer.code):
                flatten(f"{answer.path}/{answer.file}", answer.code, value)
            elif not _is_area_list(value) and not (
                _is_area(answer, value) and list(_area_rows(answer, value))
            ):
                raise RecordError("neither a polling station, nor an area, nor a list of areas")
            n_good += 1
        except RecordError as error:
            why = why or f"{answer.path}: {error}"
    if n and not n_good:
        raise refuse(
            file,
            Message("sources.no_answer_usable", n=n, why=why),
        )
    return Look(n, n_good)


ABOUT = About(
    title=Message("sources.about_sirekap_json"),
    needs=Message("sources.needs_sirekap_json"),
    accepts=(*PATTERNS, PATTERN),
    look=_look,
    tree=True,
)


def parts(files: list[Path]) -> tuple[list[list[Path]], list[Path]]:
    """Return the files of `titikrawan acquire` by province, sharing the area lists; the rest is one part."""
    provinces: dict[str, list[Path]] = {}
    for file in files:
        if file.parts[0] == "hhcw" and len(file.parts) > 3:
            provinces.setdefault(file.parts[2], []).append(file)
    shared = [file for file in files if file.parts[0] != "hhcw"]
    if not provinces or any(file.suffix in (".zip", ".json") for file in shared):
        return [files], []
    return [provinces[code] for code in sorted(provinces)], shared
