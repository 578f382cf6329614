"""Mutated inputs for every reader, sidecar and state file: `python -m tests.support.fuzz 10000` (or `make fuzz`).

A target takes the bytes of one input and reads them in this process. It may raise a UserError, whose message must be
sayable in every language; anything else is a fault. Whatever it reads must add up, and lines are numbered as editors
number them.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.acquire import AcquireError
from pipelines.acquire.content import ContentError, parse
from pipelines.acquire.fetch import _conditions, _plain, _retry_after
from pipelines.acquire.journal import Journal
from pipelines.acquire.records import Record, unpack
from pipelines.catalog import table
from pipelines.catalog.messages import UserError
from pipelines.sources import boundaries, dpt_2019, result_changes, sirekap_2024, sirekap_json, situng_2019
from pipelines.sources import table as any_table
from pipelines.sources.add import abouts
from pipelines.sources.csv_text import read_csv
from pipelines.sources.sidecar import NAME, input_files, seal, verify
from pipelines.storage import SharedStorage
from tests.support.forms_cases import answer, csv_text, path_of, station

ODD_TEXTS = (
    b"\x00", b"\r", b"\n", b"\r\n", b'"', b'""', b",", b";", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\\ud800", b"1e999",
    b"NaN", b"null", b"-1", b"9" * 400, "²".encode(), b"\x1b[2J", b"'", b"../", b"[" * 60, b'{"a":' * 60, b"2924-03-01",
    b"0001-01-01", b"\xe2\x80\xa8", b"x" * 5000, b"= 1+1", b"true", b"1.060", b"60,0", b"TPS 004", b"20240214-250000",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 1e308, 10**30, "", "x", "\ud800", "²", [], {}, [[[[[]]]]], {"a": {"b": {}}}, ["3171011001001"],
    [None, 3], "2024-02-30", {"kode": "31"}, {"3171011001001": {}}, "../x", float("inf"),
)  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """A few random changes: of bytes, of lines, or, where it is JSON, of a value somewhere inside."""
    if rng.random() < 0.5 and (changed := _mutate_json(data, rng)) is not None:
        return changed
    made = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(made))
        way = rng.randrange(6)
        if way == 0 and made:
            made[min(at, len(made) - 1)] = rng.randrange(256)
        elif way == 1:
            made[at:at] = rng.choice(ODD_TEXTS)
        elif way == 2:
            del made[at : at + rng.randint(1, 40)]
        elif way == 3:
            del made[at:]
        elif way == 4:
            end = min(len(made), at + rng.randint(1, 200))
            made[at:at] = made[at:end] * rng.randint(1, 3)
        else:
            lines = bytes(made).split(b"\n")
            rng.shuffle(lines)
            made = bytearray(b"\n".join(lines))
    return bytes(made)


def _mutate_json(data: bytes, rng: random.Random) -> bytes | None:
    try:
        value = json.loads(data)
    except ValueError:
        return None
    spots: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        one = stack.pop()
        inner = (
            list(one.items())
            if isinstance(one, dict)
            else list(enumerate(one))
            if isinstance(one, list)
            else []
        )
        spots += [(one, key) for key, _ in inner]
        stack += [v for _, v in inner]
    if not spots:
        return json.dumps(rng.choice(ODD_VALUES)).encode()
    for _ in range(rng.randint(1, 3)):
        holder, key = rng.choice(spots)
        if isinstance(holder, dict) and rng.random() < 0.3:
            holder[rng.choice(("", "kode", "chart", "²", "\udc00", "path", "null"))] = rng.choice(ODD_VALUES)
        elif isinstance(holder, dict) and rng.random() < 0.2:
            holder.pop(key, None)
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = rng.choice(ODD_VALUES)
    return json.dumps(value).encode()


def _lines(data: bytes) -> list[bytes]:
    """Lines as an editor counts them: LF, or CR alone in a file without LF."""
    body = data.replace(b"\r", b"\n") if b"\n" not in data else data
    return body.split(b"\n")


def _check_lines(data: bytes, problems: Any) -> None:
    lines = _lines(data.removeprefix(b"\xef\xbb\xbf"))
    for row in problems.to_dict("records"):
        said = json.loads(row["raw_row"])[0]
        there = lines[row["source_row"] - 1].rstrip(b"\r")[:10_000].decode("utf-8", "backslashreplace")
        assert said == there, f"line {row['source_row']}: {said[:80]!r} is not {there[:80]!r}"


def _forms(module: Any) -> Callable[[Path, bytes], None]:
    def target(folder: Path, data: bytes) -> None:
        name = "situng.csv" if module is situng_2019 else "31.csv"
        (folder / name).write_bytes(data)
        for text, problems in module.read_forms(folder, folder / ".out"):
            plain = Path(text.files[0]).read_bytes()
            assert plain.count(b"\n") - 1 == text.n_rows, "lines of the plain file"
            assert sum(text.n_lost.values()) == len(problems)
            blank = sum(not line.strip() for line in _lines(data)[1:])
            n_lines = len(_lines(data)) - 1
            assert sum(text.n_read.values()) + len(problems) + blank == n_lines, (
                "read = kept + quarantined + blank"
            )
            _check_lines(data, problems)

    return target


def _answers(folder: Path, data: bytes) -> None:
    """The same bytes as a file, as a member of an archive, and as lines."""
    (folder / "a.json").write_bytes(data)
    (folder / "b.ndjson").write_bytes(data)
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("pemilu/hhcw/ppwp/31.json", data)
        archive.writestr(path_of("3171011001001"), data)
    out = folder / ".out"
    out.mkdir()
    n_read, n_lost, n_problems = Counter[str](), 0, 0
    for text, problems in sirekap_json.read_forms(folder, out):
        n_read.update(text.n_read)
        n_lost += sum(text.n_lost.values())
        n_problems += int((problems["disposition"] == "quarantined").sum())
    written = sum(p.read_bytes().count(b"\n") for p in out.glob("[0-9]*.ndjson"))
    assert n_read.total() == written and n_lost == n_problems
    for one in sirekap_json.read(folder):
        assert one.n_read == len(one.frame) + len(one.problems)


def _archive(folder: Path, data: bytes) -> None:
    (folder / "a.zip").write_bytes(data)
    (folder / ".out").mkdir()
    list(sirekap_json.read_forms(folder, folder / ".out"))


def _table(name: str, module: Any) -> Callable[[Path, bytes], None]:
    def target(folder: Path, data: bytes) -> None:
        (folder / name).write_bytes(data)
        for one in module(folder):
            gone = len(one.problems.drop_duplicates(["source_file", "source_row"]))
            assert one.n_read == len(one.frame) + gone, (one.n_read, len(one.frame), gone)

    return target


def _register(folder: Path, data: bytes) -> None:
    (folder / "recap.csv").write_bytes(data)
    found = read_csv(folder / "recap.csv", table("core.recap_milestone"))
    assert found.n_read == len(found.frame) + len(found.problems)
    breaks = len(re.findall(rb"\r\n|\r|\n", data))
    assert all(2 <= line <= breaks + 1 for line in found.frame["source_row"])


def _sidecar(folder: Path, data: bytes) -> None:
    (folder / "a.csv").write_bytes(b"a\n1\n")
    (folder / NAME).write_bytes(data)
    for problem in verify(folder):
        assert problem.message["id"] and problem.message["en"]
    list(input_files(folder))
    seal(folder)
    assert verify(folder) == []


def _journal(folder: Path, data: bytes) -> None:
    (folder / ".state").mkdir()
    (folder / ".state" / "3171.json").write_bytes(data)
    journal = Journal(SharedStorage(folder), "3171")
    journal.trouble("3171011001")
    journal.done(["3171011001"], {"new": 1})
    journal.close()


def _records(folder: Path, data: bytes) -> None:
    for record in unpack(gzip.compress(data, 1), "x"):
        record.value()
        assert all(value.isascii() for value in _conditions(record).values())
        record.line().encode()


def _headers(folder: Path, data: bytes) -> None:
    value = data.decode("latin-1")
    pause = _retry_after({"Retry-After": value})
    assert pause is None or pause >= 0
    assert _plain(value).isascii()
    try:
        parse(data, value)
    except ContentError as error:
        assert error.kind


def _look(folder: Path, data: bytes) -> None:
    for about in abouts().values():
        name = about.accepts[0].replace("*", "x")
        (folder / name).write_bytes(data)
        try:
            about.look(folder / name, name)
        except UserError as error:
            _say(error)


_MAP = yaml.safe_dump({
    "grain": "station", "gives": "forms", "election": "pemilu-2024", "contest": "ppwp", "numbers": "indonesian",
    "columns": {"code": "kode", "tps": "no_tps", "votes_valid": "sah"}, "choices": {"100025": "satu"},
}).encode()  # fmt: skip
_SHAPED = b"kode;no_tps;sah;satu\n31.71.01.1001;1;1.060;5\n31.71.01.1001;TPS 002;20;7\n"


def _shaped(name: str) -> Callable[[Path, bytes], None]:
    def target(folder: Path, data: bytes) -> None:
        (folder / name).write_bytes(data)
        (folder / f"{name}.map.yaml").write_bytes(_MAP)
        (folder / ".out").mkdir()
        for text, problems in any_table.read_forms(folder, folder / ".out"):
            written = sum(p.read_bytes().count(b"\n") for p in (folder / ".out").iterdir())
            assert sum(text.n_read.values()) == written and sum(text.n_lost.values()) == len(problems)

    return target


def _mapping(folder: Path, data: bytes) -> None:
    (folder / "a.csv").write_bytes(_SHAPED)
    (folder / "a.csv.map.yaml").write_bytes(data)
    (folder / ".out").mkdir()
    list(any_table.read_forms(folder, folder / ".out"))
    for one in any_table.read(folder):
        assert one.n_read == len(one.frame) + len(one.problems)


@dataclass(frozen=True)
class Target:
    """What reads the bytes, and valid ones to begin with."""

    read: Callable[[Path, bytes], None]
    seeds: tuple[bytes, ...]


def _zip(members: Mapping[str, Any]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(name, json.dumps(value))
    return stream.getvalue()


def _seed_register() -> bytes:
    columns = [f.name for f in table("core.recap_milestone").source_fields]
    cells = {
        "election_id": "pemilu-2014",
        "area_code": "31",
        "date_completed": "2014-05-01",
        "source_title": 'a "b", c',
    }
    return csv_text([{c: cells.get(c, "x") for c in columns}] * 3).encode()


_AREA = {
    "ts": "2024-02-20 10:00:00",
    "chart": {"100025": 10, "persen": 50.0},
    "table": {"3171": {"100025": 10}},
}
_PILKADA = {"ts": "2024-11-28 10:00:00", "tungsura": {"chart": {"1000023": 20, "progres": {"persen": 100.0}}}}
_RECORD = Record(
    "result", "ppwp", "3171011001001", "/x.json", 200, '"e"', "", "2024-02-16T09:25:10Z", "", "{}"
)
_FEATURE = {
    "type": "Feature",
    "properties": {"kode": "31", "nama": "DKI"},
    "geometry": {"type": "Polygon", "coordinates": [[[106.8, -6.2], [106.9, -6.2], [106.8, -6.2]]]},
}
_SITUNG = b"kel_id,prov,kab,kec,kel,no_tps,pas1,pas2,sah,tSah,jum\n1,A,B,C,D,1,10,20,30,1,31\n2,A,B,C,E,2,10,20,30,1,31\n"
_DPT = (
    b"parent_id,parent_name,child_depth,child_id,child_name,n_tps,dpt_l,dpt_p\n"
    b"0,ID,1,25,DKI,10,5,6\n25,DKI,2,26,X,1,-1,2\n"
)
_CHANGES = (
    ",".join(result_changes.COLUMNS)
    + "\nppwp,3171011001001,chart.100025,edited,1,2,2024-02-16T09:25:10Z,2024-02-17T09:25:10Z,\n"
).encode()
_PACKAGE = {
    "name": "x", "title": "X", "licenses": [{"name": "MIT"}], "sources": [{"title": "s"}],
    "resources": [{"name": "a", "path": "a.csv", "hash": "sha256:0", "bytes": 4, "accessed": "2024-02-14"}],
}  # fmt: skip
_STATE = {"started": "2026-11-28T00:00:00Z", "done": {"3171011001": {"checked_at": "x"}}, "trouble": ["3171"]}


def _workbook() -> bytes:
    import pandas as pd

    stream = io.BytesIO()
    pd.DataFrame([{"kode": "31.71.01.1001", "no_tps": 1, "sah": 5, "satu": 5}]).to_excel(stream, index=False)
    return stream.getvalue()


def _j(value: Any) -> bytes:
    return json.dumps(value).encode()


TARGETS: Mapping[str, Target] = {
    "sirekap-2024": Target(_forms(sirekap_2024), (csv_text([station(n) for n in range(1, 6)]).encode(),)),
    "situng-2019": Target(_forms(situng_2019), (_SITUNG,)),
    "dpt-2019": Target(_table("dpt.csv", dpt_2019.read), (_DPT,)),
    "boundaries": Target(
        _table("x.geojson", boundaries.read), (_j({"type": "FeatureCollection", "features": [_FEATURE] * 2}),)
    ),
    "sirekap-json": Target(
        _answers,
        (
            _j(answer()),
            _j(_AREA),
            _j(_PILKADA),
            _j([{"kode": "31", "nama": "DKI"}]),
            _j([{"kode": "3171011001001", **answer()}, {"kode": "3171011001002", **answer()}]),
            _j({"path": "/ppwp/3171011001001.json", "body": json.dumps(answer())}),
        ),
    ),
    "archive": Target(_archive, (_zip({path_of("3171011001001"): answer(), "31.json": _AREA}),)),
    "changes": Target(_table("changes-x.csv", result_changes.read_changes), (_CHANGES,)),
    "register": Target(_register, (_seed_register(),)),
    "sidecar": Target(_sidecar, (_j(_PACKAGE),)),
    "journal": Target(_journal, (_j(_STATE),)),
    "records": Target(_records, (_RECORD.line().encode(),)),
    "headers": Target(_headers, (b'"abc"', b"120", b"Mon, 01 Jan 2024 00:00:00 GMT", _j(answer()))),
    "table": Target(_shaped("a.csv"), (_SHAPED,)),
    "table-lines": Target(
        _shaped("a.ndjson"), (b'{"kode": "31.71.01.1001", "no_tps": 1, "sah": "5"}\n' * 2,)
    ),
    "table-json": Target(_shaped("a.json"), (_j([{"kode": "31.71.01.1001", "no_tps": 1, "sah": "5"}]),)),
    "table-xlsx": Target(_shaped("a.xlsx"), (_workbook(),)),
    "mapping": Target(_mapping, (_MAP,)),
    "look": Target(
        _look, (csv_text([station(1)]).encode(), _SITUNG, _j(answer()), _j({"features": [_FEATURE]}))
    ),
}


def _say(error: UserError) -> None:
    for lang in ("id", "en"):
        assert error.said(lang).encode()


def fuzz(name: str, n: int, seed: int = 20240214) -> Counter[str]:
    """Read `n` mutated inputs; returns how many were read and how many refused.

    Raises:
        AssertionError: with the number of the input, so that `fuzz(name, ...)` finds it again.
    """
    target, rng, found = TARGETS[name], random.Random(seed), Counter[str]()
    for number in range(n):
        data = rng.choice(target.seeds)
        for _ in range(rng.randint(0, 3)):
            data = mutate(data, rng)
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as place:
            folder = Path(place) / "x"
            folder.mkdir()
            try:
                target.read(folder, data)
                found["read"] += 1
            except (UserError, AcquireError) as error:
                _say(error)
                found["refused"] += 1
            except Exception as error:
                raise AssertionError(
                    f"{name}, input {number}: {type(error).__name__}: {error}; {data[:300]!r}"
                ) from error
    return found


def main() -> None:
    """Fuzz every target, or those that are named."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for name in sys.argv[2:] or TARGETS:
        began = time.perf_counter()
        found = fuzz(name, n)
        seconds = time.perf_counter() - began
        print(
            f"{name:14} {n:7} inputs  {found['read']:7} read  {found['refused']:7} refused  {seconds:6.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
