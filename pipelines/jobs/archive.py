"""Write a release to a separate folder with everything needed to preserve and cite it, ready for Zenodo."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipelines import catalog
from pipelines.catalog.messages import DATA_REFUSED, USAGE, Message
from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.warehouse import about, releases
from pipelines.warehouse.errors import WarehouseError

# Project files that a reader of the data needs in ten years.
PAPERS = ("LICENSE-DATA.md", "LICENSE", "CHANGELOG.md", "schema.lock.json", "README.md", "README.id.md")
BOOKS = ("DICTIONARY.md", "COOKBOOK.md", "HOW_SURE.md", "answers.json")
ZENODO, CITATION = "zenodo.json", "CITATION.cff"


def archive(root: Path, folder: Path, name: str | None = None) -> tuple[releases.Release, list[Path]]:
    """Copy a whole release with documents, codebook, citation and checksums into an empty folder.

    Args:
        name: which release; None = the served one.

    Raises:
        WarehouseError: there is no such release, it is damaged, or the folder is not empty.
    """
    warehouse = root / "data" / "warehouse"
    release = releases.find(warehouse, name) if name else releases.served(warehouse)
    if release is None:
        raise WarehouseError(Message("warehouse.none_yet"))
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise WarehouseError(Message("warehouse.place_taken", place=folder), exit_code=USAGE)
    if found := releases.faults(release.folder):
        listed = ", ".join(fault.file for fault in found[:5])
        raise WarehouseError(
            Message("warehouse.not_whole", release=release.name, files=listed), exit_code=DATA_REFUSED
        )
    folder.mkdir(parents=True, exist_ok=True)
    for source in (
        release.database,
        *(release.folder / one for one in ("parquet", "csv", "diff.json", "manifest.json")),
    ):
        if source.is_dir():
            shutil.copytree(source, folder / source.name)
        elif source.is_file():
            shutil.copy2(source, folder / source.name)
    _papers(root, folder)
    _codebooks(release.database, folder)
    day = str(release.manifest.get("data_date", release.id[:10]))
    (folder / CITATION).write_text(citation(release.id, day), encoding="utf-8")
    text = json.dumps(zenodo(release.id, day, _n_own(release.database)), ensure_ascii=False, indent=1)
    (folder / ZENODO).write_text(text + "\n", encoding="utf-8")
    releases.write_sums(folder)
    return release, sorted(path for path in folder.rglob("*") if path.is_file())


def _papers(root: Path, folder: Path) -> None:
    for name in PAPERS:
        if (root / name).is_file():
            shutil.copy2(root / name, folder / name)
    (folder / "docs").mkdir()
    for name in BOOKS:
        if (root / "docs" / name).is_file():
            shutil.copy2(root / "docs" / name, folder / "docs" / name)


def _codebooks(database: Path, folder: Path) -> None:
    from pipelines.reporting import codebook

    with duckdb.connect(str(database.resolve()), read_only=True) as con:
        licences = about.licences(con, catalog.load())
        for lang in LANGUAGES:
            codebook.write(codebook.codebook(con, lang, licences), folder)


def _n_own(database: Path) -> int:
    with duckdb.connect(str(database.resolve()), read_only=True) as con:
        row = con.execute(
            "select coalesce(sum(n_kept), 0) from meta.inputs where starts_with(source_file, 'own/')"
        ).fetchone()
    return int(row[0]) if row else 0


def citation(release: str, day: str) -> str:
    """Return CITATION.cff for one release of the data."""
    return "\n".join(
        [
            "cff-version: 1.2.0",
            'message: "If you use these data, please cite this release."',
            'title: "titik-rawan: claims on past Indonesian elections, resolved"',
            "type: dataset",
            "authors:",
            '  - name: "titik-rawan contributors"',
            f'version: "{release}"',
            f'date-released: "{day}"',
            "license: CC-BY-4.0",
            "",
        ]
    )


def zenodo(release: str, day: str, n_own: int) -> dict[str, Any]:
    """Return metadata in the form of Zenodo's deposits; the uploader adds the authors' names.

    Args:
        n_own: number of an office's own records in the release; if any, access is `restricted` until somebody
            decides.
    """
    description = (
        "<p>Sourced claims on re-votes, late recapitulation and disputes in Indonesian elections 2014-2024, resolved into"
        " counts with bounds, with a codebook, a data dictionary and the code's version. Absence of data is not zero.</p>"
    )
    notes = f"Made by titik-rawan {version('titik-rawan')}."
    notes += f" Holds {n_own} rows of an office's own records." if n_own else ""
    return {
        "metadata": {
            "title": f"titik-rawan: claims on past Indonesian elections, resolved (release {release})",
            "upload_type": "dataset",
            "description": description,
            "creators": [{"name": "titik-rawan contributors"}],
            "publication_date": day,
            "version": release,
            "access_right": "restricted" if n_own else "open",
            "license": "cc-by-4.0",
            "keywords": ["elections", "Indonesia", "PSU", "rekapitulasi", "PHPU", "DuckDB"],
            "language": "ind",
            "notes": notes,
        }
    }
