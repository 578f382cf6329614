"""Cells of the tile maps: one CSV file, as the catalog declares; `make tiles` computes it anew."""

from .csv_text import read_declared as read

__all__ = ["read"]
