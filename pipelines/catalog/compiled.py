"""What parsing a file of this package gave, stored as Python stores its compiled modules: in `__pycache__`.

Parsing declarations, messages and templates takes longer than building a page from them. As with modules, a stored
result is used only for the file, in the version, that it was made from; where nothing can be written, files are
parsed every time.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import cache_from_source
from os import getpid
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]


def parsed(path: Path, parse: Callable[[], Any], by: str) -> Any:
    """Return `parse()`, or what it returned for the same file earlier.

    Only files of this package are stored, and only results of plain types: texts, numbers, lists, dictionaries.

    Args:
        by: the module that parses; when it changes, files are parsed anew.
    """
    if not path.is_relative_to(PACKAGE):
        return parse()
    key = (*stamp(Path(by)), *stamp(path))
    found = load(path, key)
    if found is None and (found := parse()) is not None:
        store(path, key, found)
    return found


def stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a file is written: its time and size."""
    seen = path.stat()
    return seen.st_mtime_ns, seen.st_size


def load(path: Path, key: tuple[Any, ...]) -> Any:
    """Return what was stored for a file under this key; None if there is nothing."""
    try:
        kept, value = marshal.loads(_place(path).read_bytes())  # noqa: S302 (as trustworthy as the module files beside it)
    except (OSError, ValueError, EOFError, TypeError, NotImplementedError):
        return None
    return value if kept == key else None


def store(path: Path, key: tuple[Any, ...], value: Any) -> None:
    """Store a value for a file, if that is possible."""
    if sys.dont_write_bytecode:
        return
    place = _place(path)
    aside = place.with_name(f"{place.name}.{getpid()}")
    with suppress(OSError, ValueError, NotImplementedError):
        text = marshal.dumps((key, value))
        place.parent.mkdir(exist_ok=True)
        aside.write_bytes(text)
        aside.replace(place)


def _place(path: Path) -> Path:
    return Path(cache_from_source(f"{path}.py"))
