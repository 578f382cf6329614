"""Download published results politely: one compressed file per village, versions kept, changes listed.

This package depends on no table, database or Prefect; `flows/acquire.py` maps `crawl_part` over regencies.
The format of the files is described in `pipelines/sources/ACQUIRED.md`.
"""

from __future__ import annotations

from .changes import Change, changes_frame, read_changes
from .crawl import crawl_part
from .errors import AcquireError, AcquireUsageError, ServerTroubleError
from .plan import Part, plan_parts
from .records import Record, read_records
from .settings import Settings
from .summary import Summary

__all__ = [
    "AcquireError",
    "AcquireUsageError",
    "Change",
    "Part",
    "Record",
    "ServerTroubleError",
    "Settings",
    "Summary",
    "changes_frame",
    "crawl_part",
    "plan_parts",
    "read_changes",
    "read_records",
]
