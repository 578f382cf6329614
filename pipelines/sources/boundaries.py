"""Boundaries of areas as GeoJSON (longitude, latitude; property `kode` with dots): ref.boundary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from ..catalog import table
from ..catalog.messages import Message
from ..catalog.records import QUARANTINED, in_languages, problem_frame
from .csv_text import TextTable
from .errors import refuse
from .unpack import chunks

ACCEPTS = ("*.geojson", "*.geojson.gz")
_SHAPES = ("Polygon", "MultiPolygon")
_LEVELS = {2: "province", 4: "regency", 6: "district", 10: "village"}


def read(folder: Path) -> Iterator[TextTable]:
    """One table per file.

    Raises:
        SourceError: a file is no GeoJSON collection at all.
    """
    for path in sorted({p for pattern in ACCEPTS for p in folder.glob(pattern)}):
        yield _read(path, f"{folder.name}/{path.name}")


def _read(path: Path, file: str) -> TextTable:
    declared = table("ref.boundary")
    try:
        collection = json.loads(b"".join(chunks(path, file)).decode("utf-8-sig"))
        features = collection["features"]
    except (ValueError, KeyError, TypeError) as error:
        raise refuse(
            file, Message("sources.not_geojson", error=error),
        ) from None  # fmt: skip
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for place, feature in enumerate(features, 1):
        try:
            rows.append(_row(feature, file, place))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problems.append(_problem(declared.full_name, file, place, feature, str(error)))
    frame = pd.DataFrame(rows, columns=declared.field_names)
    frame = frame.astype({c: "int64" if c == "source_row" else "str" for c in frame.columns})
    return TextTable(declared.full_name, frame, len(features), problem_frame(problems), file)


def _row(feature: dict[str, Any], file: str, place: int) -> dict[str, Any]:
    properties, geometry = feature["properties"], feature["geometry"]
    if geometry["type"] not in _SHAPES:
        raise ValueError(f"geometry is a {geometry['type']}, not a polygon")
    code = str(properties["kode"]).replace(".", "")
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    points = [point for polygon in polygons for ring in polygon for point in ring]
    if not points:
        raise ValueError("geometry without points")
    east, north = [p[0] for p in points], [p[1] for p in points]
    return {
        "area_code": code,
        "level": _LEVELS.get(len(code), ""),
        "name": str(properties.get("nama", "")),
        "west": repr(float(min(east))),
        "south": repr(float(min(north))),
        "east": repr(float(max(east))),
        "north": repr(float(max(north))),
        "n_points": str(len(points)),
        "geometry": json.dumps({"type": "MultiPolygon", "coordinates": polygons}, separators=(",", ":")),
        "source_file": file,
        "source_row": place,
    }


def _problem(table_name: str, file: str, place: int, feature: Any, why: str) -> dict[str, Any]:
    return {
        "table_name": table_name, "source_file": file, "source_row": place, "rule": "no_boundary",
        "disposition": QUARANTINED, "column_name": "geometry", "value": "",
        **in_languages(Message("sources.no_boundary", file=file, place=place, why=why)),
        "raw_row": json.dumps(feature, ensure_ascii=False)[:500],
    }  # fmt: skip
