"""The sidecar of a source: `datapackage.json` (Frictionless) with origin, licence, checksums and fields.

`seal` writes it; `verify` compares the folder with it. `title`, `description`, `licenses` and `sources` are
written by hand; `seal` writes everything about the files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path, PurePath
from typing import Any

from ..catalog import Table, load
from ..catalog.messages import Message, Text
from ..catalog.records import placed
from .errors import InputProblem, SourceError, refuse
from .inputs import SIDECAR as NAME
from .inputs import input_paths, is_input
from .schema import table_schema

# Where no licence is stated, we state none either: other people's data is not ours to license.
NOT_STATED = {"name": "not-stated", "title": "No licence is stated here"}
NO_SOURCE = {"title": "not stated"}
# Template lines for missing parts of a sidecar, to be filled in by hand.
_LINES = {
    "licenses": '"licenses": [{"name": "CC-BY-4.0"}], or [{"name": "not-stated"}]',
    "sources": '"sources": [{"title": "...", "path": "https://..."}]',
}


@dataclass(frozen=True)
class InputFile:
    """One sealed file `data/raw/<source>/<file>`, as described in `meta.inputs`."""

    source: str
    file: str
    sha256: str
    n_bytes: int
    accessed: date | None
    title: str
    licence: str


def seal(folder: Path, accessed: date | None = None, tables: Sequence[Table] | None = None) -> Path:
    """Write the sidecar of `folder` for the files currently in it; deterministic.

    Args:
        folder: data/raw/<source>.
        accessed: day the files were obtained; None keeps the day of unchanged files and uses today for the
            others.
        tables: declared tables whose schemas are included (default: the catalog).
    Raises:
        SourceError: the existing sidecar is invalid, or names no licence or no source.
    """
    old: dict[str, Any] = (
        _read(folder)
        if (folder / NAME).exists()
        else {"name": folder.name, "title": folder.name, **_unsaid()}
    )
    for problem in _unstated(folder, old):
        raise SourceError(problem)
    known = {str(r["path"]): r for r in old.get("resources", ())}
    schemas = _schemas(folder, load() if tables is None else tables)
    resources = []
    for path in _files(folder):
        digest, before = _sha256(path), known.get(path.name, {})
        same = before.get("hash") == f"sha256:{digest}" and "accessed" in before
        day = accessed.isoformat() if accessed else before["accessed"] if same else date.today().isoformat()
        resources.append(_resource(path, digest, day, schemas.get(path.name), before))
    package = {
        "name": old["name"],
        "title": old["title"],
        "description": old.get("description", ""),
        "licenses": old["licenses"],
        "sources": old["sources"],
        "resources": resources,
    }
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    temporary = folder / f".{NAME}.new"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(folder / NAME)
    return folder / NAME


def verify(folder: Path) -> list[InputProblem]:
    """Return the differences between the folder and its sidecar: files missing, unlisted or modified."""
    try:
        package = _read(folder)
    except SourceError as error:
        return [error.problem]
    listed = {str(r["path"]): str(r.get("hash", "")) for r in package.get("resources", ())}
    present = {p.name: p for p in _files(folder)}
    problems = _unstated(folder, package)
    for name in sorted(listed.keys() | present.keys()):
        file = f"{folder.name}/{name}"
        if name not in present:
            problems.append(_problem(file, "missing", listed[name], ""))
        elif name not in listed:
            found = f"sha256:{_sha256(present[name])}"
            problems.append(_problem(file, "unlisted", "", found))
        elif listed[name] != (found := f"sha256:{_sha256(present[name])}"):
            problems.append(_problem(file, "changed", listed[name], found))
    return problems


def _checked(package: Any, folder: Path, text: str) -> dict[str, Any]:
    """Return the package, if every part that is used has the form that `seal` writes.

    Raises:
        SourceError: it has another form; the error names the line.
    """
    if not isinstance(package, dict):
        raise _odd(folder, text, "", Message("sources.odd_object"))
    for key in ("name", "title"):
        if not isinstance(package.get(key), str):
            raise _odd(folder, text, key, Message("sources.odd_text", key=key))
    resources = package.get("resources") or []
    if not isinstance(resources, list) or not all(isinstance(item, dict) for item in resources):
        raise _odd(folder, text, "resources", Message("sources.odd_list", key="resources"))
    for resource in resources:
        path = resource.get("path")
        if not isinstance(path, str) or not is_input(PurePath(path)) or path != PurePath(path).name:
            raise _odd(
                folder,
                text,
                str(path),
                Message("sources.odd_path", path=path),
            )
        if not isinstance(resource.get("hash", ""), str):
            raise _odd(folder, text, str(path), Message("sources.odd_hash", path=path))
        if not isinstance(resource.get("bytes", 0), int):
            raise _odd(folder, text, str(path), Message("sources.odd_bytes", path=path))
        if "accessed" in resource and day_of(resource["accessed"]) is None:
            said = resource["accessed"]
            raise _odd(
                folder,
                text,
                str(said),
                Message("sources.odd_accessed", path=path, said=said),
            )
    return {**package, "resources": resources}


def _licences(package: Mapping[str, Any]) -> str:
    """Return the names of the licences; `verify` reports where there are none."""
    stated = package.get("licenses")
    listed = stated if isinstance(stated, list) else []
    return ", ".join(str(item["name"]) for item in listed if isinstance(item, dict) and "name" in item)


def day_of(value: Any) -> date | None:
    """Return the date in a text like 2024-02-14, if it is a plausible access date: from 2000 to tomorrow."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date.today() + timedelta(days=1) else None


def _odd(folder: Path, text: str, near: str, said: Text) -> SourceError:
    ways = {near, json.dumps(near)[1:-1]} if near else set()
    line = next((n for n, one in enumerate(text.splitlines(), 1) if any(way in one for way in ways)), None)
    return refuse(
        f"{folder.name}/{NAME}",
        Message("sources.odd_sidecar", said=said, source=folder.name),
        line=line,
    )


def input_files(folder: Path) -> Iterator[InputFile]:
    """Yield the files listed in the sidecar of `folder`, in its order; raises SourceError if unreadable."""
    package = _read(folder)
    licence = _licences(package)
    for resource in package.get("resources", ()):
        yield InputFile(
            source=folder.name,
            file=str(resource["path"]),
            sha256=str(resource.get("hash", "")).removeprefix("sha256:"),
            n_bytes=int(resource.get("bytes", 0)),
            accessed=day_of(resource.get("accessed")),
            title=str(resource.get("title", package["title"])),
            licence=licence,
        )


def inner_files(folder: Path, names: Iterable[str]) -> Iterator[InputFile]:
    """Yield the facts of files in subfolders, which the sidecar describes collectively (by manifests).

    Args:
        names: paths below `folder`, with `/`; hashes are computed from the files.
    """
    package = _read(folder)
    days = [day for r in package.get("resources", ()) if (day := day_of(r.get("accessed")))]
    for name in sorted(names):
        path = folder / name
        yield InputFile(
            source=folder.name,
            file=name,
            sha256=_sha256(path),
            n_bytes=path.stat().st_size,
            accessed=max(days, default=None),
            title=str(package["title"]),
            licence=_licences(package),
        )


def _unsaid() -> dict[str, Any]:
    return {"licenses": [dict(NOT_STATED)], "sources": [dict(NO_SOURCE)]}


def _unstated(folder: Path, package: Mapping[str, Any]) -> list[InputProblem]:
    """Check that the sidecar states a licence and an origin, even if only "not stated"."""
    file, problems = f"{folder.name}/{NAME}", []
    for key, names in (("licenses", ("name", "path")), ("sources", ("title",))):
        given = package.get(key)
        said = (
            isinstance(given, list)
            and given
            and all(
                isinstance(item, dict) and any(str(item.get(name) or "").strip() for name in names)
                for item in given
            )
        )
        if not said:
            words = Message("sources.not_stated", key=key, line=_LINES[key])
            problems.append(InputProblem(file, placed(words, file), column=key))
    return problems


def _read(folder: Path) -> dict[str, Any]:
    path, file = folder / NAME, f"{folder.name}/{NAME}"
    command = f"titikrawan seal {folder.name}"
    try:
        text = path.read_text(encoding="utf-8")
        package = json.loads(text)
        json.dumps(package, ensure_ascii=False).encode()
        return _checked(package, folder, text)
    except FileNotFoundError:
        raise refuse(
            file,
            Message("sources.no_sidecar", command=command),
        ) from None
    except (ValueError, RecursionError, OSError) as error:
        raise refuse(
            file,
            Message("sources.bad_sidecar", error=error, command=command),
            line=getattr(error, "lineno", None),
        ) from None


_DIFFERENT = {
    "missing": "sources.listed_missing",
    "unlisted": "sources.not_listed",
    "changed": "sources.changed",
}


def _problem(file: str, kind: str, expected: str, found: str) -> InputProblem:
    said = Message(
        "sources.differs",
        file=file,
        what=Message(_DIFFERENT[kind]),
        expected=expected or Message("sources.expected_none"),
        found=found or Message("sources.found_none"),
        command=f"titikrawan seal {file.split('/')[0]}",
    )
    return InputProblem(file, said, value=found or "no such file", expected=expected or "not listed")


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise refuse(folder.name, Message("sources.no_folder"))
    return input_paths(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _schemas(folder: Path, tables: Sequence[Table]) -> dict[str, tuple[Table, dict[str, Any]]]:
    mine = {s.file: t for t in tables for s in t.sources if s.source == folder.name}
    whole = {t.full_name: s.file for t in tables if len(t.sources) == 1 for s in t.sources if s.file in mine}
    return {file: (table, table_schema(table, whole)) for file, table in mine.items()}


def _resource(
    path: Path,
    digest: str,
    accessed: str,
    declared: tuple[Table, dict[str, Any]] | None,
    before: Mapping[str, Any],
) -> dict[str, Any]:
    kind = path.suffix.removeprefix(".").lower()
    resource: dict[str, Any] = {"name": path.stem.lower().replace(" ", "-"), "path": path.name}
    if declared:
        table, schema = declared
        resource |= {"type": "table", "title": table.title["en"], "description": table.description["en"]}
        resource |= {"title_id": table.title["id"], "description_id": table.description["id"]}
    resource |= {key: before[key] for key in ("title", "sources") if key in before and not declared}
    resource |= {"format": kind, "encoding": "utf-8", "bytes": path.stat().st_size}
    resource |= {"hash": f"sha256:{digest}", "accessed": accessed}
    return resource | ({"dialect": {"delimiter": ","}, "schema": schema} if declared else {})
