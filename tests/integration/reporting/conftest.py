"""The invented warehouse and its pages."""

from tests.support.invented_warehouse import invented_file, read_only, site, warehouse

__all__ = ["invented_file", "read_only", "site", "warehouse"]
