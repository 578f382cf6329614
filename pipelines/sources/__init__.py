"""Raw files become text frames: one module per source, named like its folder below `data/raw`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from .csv_text import TextTable
from .errors import InputProblem, SourceError, refuse
from .sidecar import InputFile, input_files, seal, verify

Reader = Callable[[Path], Iterator[TextTable]]

__all__ = [
    "InputFile",
    "InputProblem",
    "Reader",
    "SourceError",
    "TextTable",
    "discover",
    "input_files",
    "read_all",
    "seal",
    "verify",
]


def discover(raw: Path) -> dict[str, Reader]:
    """Reader of every folder below `raw`, by name; a folder without a module of its name is an error.

    Raises:
        SourceError: `raw` is missing, or a folder has no module `pipelines/sources/<folder>.py` with `read`.
    """
    if not raw.is_dir():
        raise refuse(
            str(raw), "the folder of inputs is missing. Restore it.", "folder masukan tidak ada. Pulihkan."
        )
    readers: dict[str, Reader] = {}
    for folder in sorted(p for p in raw.iterdir() if p.is_dir() and not p.name.startswith(".")):
        name = f"{__name__}.{folder.name}"
        try:
            readers[folder.name] = import_module(name).read
        except (ModuleNotFoundError, AttributeError) as error:
            if isinstance(error, ModuleNotFoundError) and error.name != name:
                raise
            raise refuse(
                folder.name,
                f"no reader for this folder. Add pipelines/sources/{folder.name}.py with a function `read`, "
                "or move the folder out of data/raw.",
                f"belum ada pembaca untuk folder ini. Tambahkan pipelines/sources/{folder.name}.py berisi "
                "fungsi `read`, atau pindahkan folder dari data/raw.",
            ) from None
    return readers


def read_all(raw: Path) -> Iterator[TextTable]:
    """Every text table of every source below `raw`."""
    for name, read in discover(raw).items():
        yield from read(raw / name)
