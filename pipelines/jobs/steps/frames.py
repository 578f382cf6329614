"""Frames passed from one step to the next, as Parquet in the work folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame atomically, creating the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    try:
        frame.to_parquet(aside, index=False)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def load(path: Path) -> pd.DataFrame:
    """Read a frame that an earlier step wrote."""
    return pd.read_parquet(path)


def column(path: Path, name: str) -> pd.Series | None:
    """Read one column of such a frame; None if it has none of that name."""
    if name not in pq.read_schema(path).names:
        return None
    return pd.read_parquet(path, columns=[name])[name]


def append(frame: pd.DataFrame, path: Path) -> None:
    """Add rows to a frame on disk."""
    write(pd.concat([load(path), frame], ignore_index=True) if path.exists() else frame, path)
