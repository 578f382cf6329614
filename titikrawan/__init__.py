"""Read a release of titik-rawan from Python: `connect`, `load` and descriptions of the release.

    import titikrawan
    titikrawan.load("counts", area="73")               # a pandas frame: the area and everything below it
    con = titikrawan.connect()                          # read-only; sees a new release as soon as it is
        published
    con.sql("from mart.v_hotspots where election_id = 'pemilu-2024'").df()

It needs only duckdb and pandas, none of the libraries that build a release.
"""

from __future__ import annotations

from .place import WarehouseNotFoundError, find_warehouse
from .query import UnknownTableError, cite, codes, describe, load, release, tables
from .session import Session, connect

__all__ = [
    "Session",
    "UnknownTableError",
    "WarehouseNotFoundError",
    "cite",
    "codes",
    "connect",
    "describe",
    "find_warehouse",
    "load",
    "release",
    "tables",
]
