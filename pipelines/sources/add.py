"""Bring raw input of others into data/raw/<source>/, by copy or link, and seal it with its sidecar."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ..catalog.messages import Message
from .errors import refuse
from .sidecar import NAME, NO_SOURCE, seal
from .unpack import check_zip

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Added:
    """What `add` did: files now in the folder, files it passed over, and the sidecar."""

    files: tuple[Path, ...]
    passed_over: tuple[str, ...]
    sidecar: Path


def addable() -> list[str]:
    """Names of the sources that take input of others."""
    here = Path(__file__).parent
    names = [p.stem for p in sorted(here.glob("*.py")) if "ACCEPTS" in p.read_text(encoding="utf-8")]
    return [n.replace("_", "-") for n in names if n not in ("add",)]


def add(
    raw: Path, source: str, path: Path, link: bool = False, title: str = "", licence: str = "not-stated"
) -> Added:
    """Copy (or link) a file, or the files of a folder, into `raw`/`source` and write the sidecar.

    Args:
        raw: data/raw.
        source: name of a source that declares what it `ACCEPTS` (glob patterns).
        path: file or folder. A tree of JSON answers is packed into one zip, always the same for the same tree.
        link: link instead of copying; the hash is that of the content either way.
        title, licence: for a new sidecar; a `datapackage.json` beside the input is taken over instead.

    Raises:
        SourceError: unknown source, nothing there, nothing it accepts, an archive that must not be used, or
            another file of that name.
    """
    patterns = _patterns(source)
    if not path.exists():
        raise refuse(str(path), Message("sources.nothing_there"))
    chosen, passed_over = _choose(path, patterns)
    folder = raw / source
    tree = path.is_dir() and not chosen and "*.zip" in patterns and any(path.rglob("*.json"))
    if not chosen and not tree:
        raise refuse(
            str(path),
            Message("sources.nothing_readable", source=source, patterns=", ".join(patterns)),
        )
    for one in chosen:
        if one.suffix == ".zip":
            check_zip(one, one.name)
        _not_another(one, folder / one.name)
    folder.mkdir(parents=True, exist_ok=True)
    _sidecar_head(folder, path if path.is_dir() else path.parent, source, title, licence)
    if tree:
        return Added((_pack(path, folder / f"{path.resolve().name}.zip"),), (), seal(folder))
    files = tuple(_bring(one, folder / one.name, link) for one in chosen)
    return Added(files, tuple(passed_over), seal(folder))


def _patterns(source: str) -> Sequence[str]:
    name = f"{__package__}.{source.replace('-', '_')}"
    known = addable()
    if source.replace("_", "-") not in known or find_spec(name) is None:
        raise refuse(
            source,
            Message("sources.not_addable", known=", ".join(known)),
        )
    patterns: Sequence[str] = import_module(name).ACCEPTS
    return patterns


def _choose(path: Path, patterns: Sequence[str]) -> tuple[list[Path], list[str]]:
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    chosen = [p for p in files if p.name != NAME and any(p.match(pattern) for pattern in patterns)]
    return chosen, [p.name for p in files if p not in chosen and p.name != NAME]


def _not_another(source: Path, target: Path) -> None:
    if not target.exists() or target.samefile(source):
        return
    if target.stat().st_size != source.stat().st_size or target.read_bytes() != source.read_bytes():
        raise refuse(
            target.name,
            Message("sources.other_file_there"),
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


def _pack(tree: Path, target: Path) -> Path:
    """One zip of all JSON files below `tree`, in order of their paths and without times."""
    aside = target.with_name(f".{target.name}.new")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(tree.rglob("*.json")):
            if path.name != NAME and path.is_file() and not path.is_symlink():
                info = zipfile.ZipInfo(path.relative_to(tree).as_posix(), _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())
    aside.replace(target)
    return target


def _sidecar_head(folder: Path, origin: Path, source: str, title: str, licence: str) -> None:
    """Write what people say about the input; `seal` adds what can be measured."""
    if (folder / NAME).exists():
        return
    head: dict[str, object] = {
        "name": source,
        "title": title or f"{source}: added by hand",
        "licenses": [{"name": licence, "title": licence}],
        "sources": [dict(NO_SOURCE)],
    }
    if (origin / NAME).is_file():
        given = json.loads((origin / NAME).read_text(encoding="utf-8"))
        head |= {k: given[k] for k in ("title", "description", "licenses", "sources") if k in given}
    head["resources"] = []
    (folder / NAME).write_text(json.dumps(head, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
