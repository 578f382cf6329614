"""Boundaries of areas as GeoJSON (longitude, latitude; property `kode` with dots): ref.boundary."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..catalog import table
from ..catalog.messages import Message
from ..catalog.records import QUARANTINED, in_languages, problem_frame
from .about import SAMPLE, About, Look
from .csv_text import TextTable
from .errors import refuse
from .inputs import input_paths
from .json_answers import parse
from .sirekap_record import RecordError
from .unpack import read_document

# Property names that publishers use for the area code, the deepest level first.
CODE_KEYS = (
    "kode", "KDEPUM", "KDCPUM", "KDPKAB", "KDPPUM", "KODE_DESA", "KODE_KEC", "KODE_KAB", "KODE_KABKOTA", "KODE_PROV",
    "kode_desa", "kode_kec", "kode_kab", "kode_prov", "kd_desa", "kd_kecamatan", "kd_kabkota", "kd_propinsi", "code",
    "area_code",
)  # fmt: skip
NAME_KEYS = (
    "nama", "WADMKD", "WADMKC", "WADMKK", "WADMPR", "NAMOBJ", "DESA", "KECAMATAN", "KABKOT", "KABUPATEN", "PROVINSI",
    "nm_kelurahan", "nm_kecamatan", "nm_dati2", "nm_propinsi", "name",
)  # fmt: skip
_SHAPES = ("Polygon", "MultiPolygon")
_ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
_LEVELS = {2: "province", 4: "regency", 6: "district", 10: "village"}


def read(folder: Path) -> Iterator[TextTable]:
    """Yield one table per file.

    Raises:
        SourceError: a file is not a GeoJSON collection.
    """
    for path in input_paths(folder, ABOUT.accepts):
        yield _read(path, f"{folder.name}/{path.name}")


def _read(path: Path, file: str) -> TextTable:
    declared = table("ref.boundary")
    features = _features(path, file)
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    for place, feature in enumerate(features, 1):
        try:
            rows.append(_row(feature, file, place))
        except _ODD as error:
            problems.append(_problem(declared.full_name, file, place, feature, str(error)))
    frame = pd.DataFrame(rows, columns=declared.field_names)
    frame = frame.astype({c: "int64" if c == "source_row" else "str" for c in frame.columns})
    return TextTable(declared.full_name, frame, len(features), problem_frame(problems), file)


def _features(path: Path, file: str) -> list[Any]:
    try:
        features = parse(read_document(path, file))["features"]
        if not isinstance(features, list):
            raise TypeError("`features` is no list")
    except (RecordError, KeyError, TypeError) as error:
        raise refuse(
            file, Message("sources.not_geojson", error=error),
        ) from None  # fmt: skip
    return features


def _look(path: Path, file: str) -> Look:
    """Inspect a file: half of its first features must be areas.

    Raises:
        SourceError: fewer are.
    """
    features = _features(path, file)[:SAMPLE]
    n_good, why = 0, ""
    for place, feature in enumerate(features, 1):
        try:
            row = _row(feature, file, place)
            if row["level"]:
                n_good += 1
            else:
                why = (
                    why
                    or f"code {row['area_code'][:40]!r} has {len(row['area_code'])} digits, not 2, 4, 6 or 10"
                )
        except _ODD as error:
            why = why or str(error)
    if n_good * 2 < len(features):
        raise refuse(
            file,
            Message("sources.features_no_areas", n_bad=len(features) - n_good, n_seen=len(features), why=why),
        )
    return Look(len(features), n_good)


ABOUT = About(
    title=Message("sources.about_boundaries"),
    needs=Message("sources.needs_boundaries", keys=", ".join(CODE_KEYS)),
    accepts=("*.geojson", "*.geojson.gz"),
    look=_look,
)


def _row(feature: dict[str, Any], file: str, place: int) -> dict[str, Any]:
    properties, geometry = feature["properties"], feature["geometry"]
    if geometry["type"] not in _SHAPES:
        raise ValueError(f"geometry is a {geometry['type']}, not a polygon")
    code = _code(properties)
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    points = [point for polygon in polygons for ring in polygon for point in ring]
    if not points:
        raise ValueError("geometry without points")
    east, north = [float(p[0]) for p in points], [float(p[1]) for p in points]
    _check_axes(east, north)
    return {
        "area_code": code,
        "level": _LEVELS.get(len(code), ""),
        "name": next((str(properties[key]) for key in NAME_KEYS if properties.get(key)), ""),
        "west": repr(float(min(east))),
        "south": repr(float(min(north))),
        "east": repr(float(max(east))),
        "north": repr(float(max(north))),
        "n_points": str(len(points)),
        "geometry": json.dumps({"type": "MultiPolygon", "coordinates": polygons}, separators=(",", ":")),
        "source_file": file,
        "source_row": place,
    }


def _check_axes(east: list[float], north: list[float]) -> None:
    """Raise ValueError unless the points can lie in Indonesia: longitudes 94 to 142, latitudes -12 to 8."""
    if any(abs(value) > limit for values, limit in ((east, 180), (north, 90)) for value in values):
        if all(abs(value) <= 90 for value in east) and all(94 <= value <= 142 for value in north):
            raise ValueError("the axes are swapped: latitude stands first; GeoJSON has the longitude first")
        raise ValueError(
            "the coordinates are metres of a projection, not degrees; convert them to WGS 84 (EPSG:4326)"
            if max(map(abs, (*east, *north))) > 1_000
            else "coordinates beyond 180 and 90 degrees"
        )


def _code(properties: Mapping[str, Any]) -> str:
    """Return the code of an area without dots, from any of the known properties.

    Raises:
        ValueError: no property holds one.
    """
    for key in CODE_KEYS:
        value = properties.get(key)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            code = re.sub(r"\.0+\Z", "", str(value)) if isinstance(value, float) else str(value).strip()
            return code.replace(".", "")
    there = ", ".join(list(map(str, properties))[:12])
    raise ValueError(f"no property with a code; known are {', '.join(CODE_KEYS)}; there are: {there}")


def _problem(table_name: str, file: str, place: int, feature: Any, why: str) -> dict[str, Any]:
    return {
        "table_name": table_name, "source_file": file, "source_row": place, "rule": "no_boundary",
        "disposition": QUARANTINED, "column_name": "geometry", "value": "",
        **in_languages(Message("sources.no_boundary", file=file, place=place, why=why)),
        "raw_row": json.dumps(feature, ensure_ascii=False)[:500],
    }  # fmt: skip
