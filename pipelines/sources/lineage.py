"""Former areas and their successors: one CSV file per table, as the catalog declares."""

from .csv_text import read_declared as read

__all__ = ["read"]
