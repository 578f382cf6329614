"""Add external raw input to data/raw/<source>/ by copy or link and seal it with a sidecar; remove it again.

Every file is inspected before anything is copied: a file that the source could not read is refused here,
once, instead of failing every later run.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from ..catalog.messages import Joined, Message
from .about import About, Look
from .errors import SourceError, refuse
from .inputs import SIDECAR as NAME
from .inputs import input_paths, is_input
from .licence import licence_beside
from .mapping import SUFFIX
from .nearest import nearest
from .sidecar import NO_SOURCE, seal

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Added:
    """What `add` did.

    Attributes:
        files: now in the folder. passed_over: paths below the given one that were not taken. sidecar: of the
            folder.
        empty: names of files without any record yet. licence: (name, file it was read from), if one was
            found.
    """

    files: tuple[Path, ...]
    passed_over: tuple[str, ...]
    sidecar: Path
    empty: tuple[str, ...] = ()
    licence: tuple[str, str] = field(default=("", ""))


@cache
def abouts() -> dict[str, About]:
    """Return every source that accepts external input, by name: the modules of this folder that have `ABOUT`."""
    found: dict[str, About] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in ("add", "about", "nearest", "__init__"):
            about = getattr(import_module(f"{__package__}.{path.stem}"), "ABOUT", None)
            if isinstance(about, About):
                found[path.stem.replace("_", "-")] = about
    return found


def addable() -> list[str]:
    """Return the names of the sources that accept external input."""
    return list(abouts())


def add(
    raw: Path,
    source: str,
    path: Path,
    link: bool = False,
    title: str = "",
    licence: str = "",
    mapping: Path | None = None,
) -> Added:
    """Copy (or link) a file, or the files of a folder, into `raw`/`source` and write the sidecar.

    Args:
        raw: data/raw.
        source: name of a source that accepts external input.
        path: file or folder. A tree of JSON answers is packed into one zip, deterministically.
        link: link instead of copying; the hash is that of the content either way.
        title, licence: for a new sidecar. A `datapackage.json` beside the input takes precedence, and a
            licence is read from a LICENSE file beside it.
        mapping: meaning of a table's columns; it is stored beside the table.

    Raises:
        SourceError: unknown source, path not found, no readable file, an unsafe archive, or a different file
            of the same name exists. Nothing has been copied then.
    """
    about = about_of(source)
    if not path.exists():
        raise refuse(str(path), Message("sources.nothing_there"))
    chosen, answers, passed_over = _choose(path, about)
    if not chosen and not answers:
        raise refuse(
            str(path),
            Message(
                "sources.nothing_to_read",
                source=source,
                accepted=", ".join(about.accepts),
                passed_over=", ".join(passed_over[:20]) or "-",
            ),
        )
    folder = raw / source
    if mapping and source != "table":
        raise refuse(str(mapping), Message("sources.mapping_for_tables"))
    looks = {one.name: _look(about, source, one, one.name, mapping) for one in chosen}
    for one in chosen:
        _not_another(one, folder / one.name)
    packed = _pack_aside(path, answers, raw / f".{source}.adding.zip") if answers else None
    try:
        if packed:
            looks[f"{path.resolve().name}.zip"] = _look(about, source, packed, path.name)
            _not_another(packed, folder / f"{path.resolve().name}.zip")
        folder.mkdir(parents=True, exist_ok=True)
        origin = path if path.is_dir() else path.parent
        beside = licence_beside(origin) if not licence else ("", "")
        _sidecar_head(folder, origin, source, title, licence or beside[0] or "not-stated")
        files = [_bring(one, folder / one.name, link) for one in chosen]
        if mapping:
            files += [_bring(mapping, folder / f"{one.name}{SUFFIX}", False) for one in chosen]
        if packed:
            files.append(packed.replace(folder / f"{path.resolve().name}.zip"))
    finally:
        if packed:
            packed.unlink(missing_ok=True)
    empty = tuple(name for name, look in looks.items() if look.is_empty)
    return Added(tuple(files), tuple(passed_over), seal(folder), empty, beside)


def about_of(source: str) -> About:
    """Return the self-description of a source.

    Raises:
        SourceError: no source of that name accepts external input.
    """
    known = abouts()
    found = known.get(source.replace("_", "-"))
    if found is None or "/" in source:
        raise refuse(
            source,
            Message("sources.not_addable", known=", ".join(known)),
        )
    return found


def _choose(path: Path, about: About) -> tuple[list[Path], list[Path], list[str]]:
    """Return (files to take as they are, JSON answers to pack into one archive, paths passed over)."""
    if path.is_file():
        fits = any(path.match(pattern) for pattern in about.accepts) and path.name != NAME
        return ([path], [], []) if fits else ([], [], [path.name])
    every = sorted(p for p in path.rglob("*") if p.is_file() and p.name != NAME)
    inputs = [p for p in every if is_input(p.relative_to(path)) and not p.is_symlink()]
    linked = [p for p in path.iterdir() if p.is_symlink() and p.is_file() and is_input(p.relative_to(path))]
    fitting = [p for p in (*inputs, *linked) if any(p.match(pattern) for pattern in about.accepts)]
    answers = [p for p in fitting if p.suffix == ".json"] if about.tree else []
    if not any(p.parent != path for p in answers):
        answers = []
    chosen = sorted(p for p in fitting if p.parent == path and p not in set(answers))
    taken = {*chosen, *answers}
    return chosen, answers, [p.relative_to(path).as_posix() for p in every if p not in taken]


def _look(about: About, source: str, path: Path, file: str, mapping: Path | None = None) -> Look:
    """Inspect a file; the error says why it is refused and which source might accept it."""
    try:
        if not mapping:
            return about.look(path, file)
        with TemporaryDirectory() as aside:  # the mapping must lie beside its table
            (Path(aside) / path.name).symlink_to(path.resolve())
            shutil.copyfile(mapping, Path(aside) / f"{path.name}{SUFFIX}")
            return about.look(Path(aside) / path.name, file)
    except SourceError as error:
        needs = Message("sources.it_needs", source=source, needs=about.needs)
        raise error.with_more(Joined(needs, nearest(path, source, abouts()))) from None


def _not_another(source: Path, target: Path) -> None:
    if not target.exists() or target.samefile(source):
        return
    if target.stat().st_size != source.stat().st_size or target.read_bytes() != source.read_bytes():
        raise refuse(
            target.name,
            Message("sources.added_before", source=target.parent.name, file=target.name),
        )


def _bring(source: Path, target: Path, link: bool) -> Path:
    if target.exists() and target.samefile(source):
        return target
    aside = target.with_name(f".{target.name}.new")
    aside.unlink(missing_ok=True)
    if link:
        aside.symlink_to(source.resolve())
    else:
        shutil.copyfile(source, aside)
    aside.replace(target)
    return target


def _pack_aside(tree: Path, answers: list[Path], aside: Path) -> Path:
    """Pack the JSON files below `tree` into one zip, ordered by path and without timestamps."""
    aside.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(answers):
            info = zipfile.ZipInfo(path.relative_to(tree).as_posix(), _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    return aside


def _sidecar_head(folder: Path, origin: Path, source: str, title: str, licence: str) -> None:
    """Write the hand-written part of the sidecar; `seal` adds what can be measured."""
    if (folder / NAME).exists():
        return
    head: dict[str, object] = {
        "name": source,
        "title": title or f"{source}: added by hand",
        "licenses": [{"name": licence, "title": licence}],
        "sources": [dict(NO_SOURCE)],
    }
    if (origin / NAME).is_file():
        try:
            given = json.loads((origin / NAME).read_text(encoding="utf-8"))
            head |= {k: given[k] for k in ("title", "description", "licenses", "sources") if k in given}
        except (ValueError, RecursionError, TypeError):
            pass  # the supplied sidecar is used as it is
    head["resources"] = []
    (folder / NAME).write_text(json.dumps(head, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def remove(raw: Path, source: str, file: str = "") -> list[str]:
    """Remove one file, or all files, of such a source from data/raw; returns their names.

    Raises:
        SourceError: no such source or file.
    """
    about_of(source)
    names = (source, source.replace("-", "_"), source.replace("_", "-"))
    folder = next((raw / n for n in names if (raw / n).is_dir()), raw / source)
    there = {p.relative_to(folder).as_posix(): p for p in _inputs(folder)}
    wanted = [file] if file else list(there)
    if not wanted or any(name not in there for name in wanted):
        listed = ", ".join(list(there)[:20])
        raise refuse(
            f"{source}/{file}".rstrip("/"),
            Message("sources.no_such_input", listed=listed or "-"),
        )
    for name in wanted:
        there[name].unlink()
    if any(_inputs(folder)):
        seal(folder)
    else:
        shutil.rmtree(folder)
    return wanted


def _inputs(folder: Path) -> Iterator[Path]:
    yield from input_paths(folder, deep=True) if folder.is_dir() else []
