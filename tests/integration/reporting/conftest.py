"""The invented warehouse and its pages."""

from tests.support.drawing import drawn_anew, drawn_once
from tests.support.invented_warehouse import invented_file, read_only, site, warehouse

__all__ = ["drawn_anew", "drawn_once", "invented_file", "read_only", "site", "warehouse"]
