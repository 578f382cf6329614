"""Readers of raw files into text frames: one module per source, named after its folder in `data/raw`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ..catalog.forms import FormText
from ..catalog.messages import Message
from ..catalog.vocabulary import INBOX
from .csv_text import TextTable
from .errors import InputProblem, SourceError, refuse
from .inputs import input_paths
from .sidecar import InputFile, inner_files, input_files, seal, verify

if TYPE_CHECKING:
    from pandas import DataFrame

Reader = Callable[[Path], Iterator[TextTable]]
# (source folder, folder for plain text) -> texts of result forms, each with its unreadable lines.
FormReader = Callable[[Path, Path], "Iterator[tuple[FormText, DataFrame]]"]

__all__ = [
    "FormReader",
    "InputFile",
    "InputProblem",
    "Reader",
    "SourceError",
    "TextTable",
    "discover",
    "discover_forms",
    "form_parts",
    "inner_files",
    "input_files",
    "read_all",
    "seal",
    "verify",
]


def discover(raw: Path) -> dict[str, Reader]:
    """Return the reader of every folder below `raw`, by name; a folder without a matching module is an error.

    A hyphen in a folder name becomes an underscore in the module name.

    Raises:
        SourceError: `raw` is missing, or a folder has no module `pipelines/sources/<folder>.py` with `read`.
    """
    return {name: module.read for name, module in _modules(raw).items()}


def discover_forms(raw: Path) -> dict[str, FormReader]:
    """Return the readers of the folders below `raw` that hold result forms of polling stations."""
    return {name: m.read_forms for name, m in _modules(raw).items() if hasattr(m, "read_forms")}


def form_parts(raw: Path) -> dict[str, tuple[list[list[str]], list[str]]]:
    """Return (parts, shared) for every source of result forms: the files that can be checked independently,
    and the files that every part needs. A source whose module has no `parts` is a single part."""
    found: dict[str, tuple[list[list[str]], list[str]]] = {}
    for name, module in _modules(raw).items():
        if not hasattr(module, "read_forms"):
            continue
        folder = raw / name
        every = [p.relative_to(folder) for p in input_paths(folder, deep=True)]
        parts, shared = module.parts(every) if hasattr(module, "parts") else ([every], [])
        found[name] = ([[p.as_posix() for p in part] for part in parts], [p.as_posix() for p in shared])
    return found


def _modules(raw: Path) -> dict[str, ModuleType]:
    if not raw.is_dir():
        raise refuse(str(raw), Message("sources.no_raw_folder"))
    modules: dict[str, ModuleType] = {}
    for folder in sorted(p for p in raw.iterdir() if p.is_dir() and not p.name.startswith(".")):
        if folder.name == INBOX:
            continue
        name = f"{__name__}.{folder.name.replace('-', '_')}"
        try:
            modules[folder.name] = import_module(name)
            modules[folder.name].read  # noqa: B018 (a module without it is no reader)
        except (ModuleNotFoundError, AttributeError) as error:
            if isinstance(error, ModuleNotFoundError) and error.name != name:
                raise
            raise refuse(
                folder.name,
                Message("sources.no_reader", module=folder.name.replace("-", "_")),
            ) from None
    return modules


def read_all(raw: Path) -> Iterator[TextTable]:
    """Yield every raw table of every source below `raw`."""
    for name, read in discover(raw).items():
        yield from read(raw / name)
