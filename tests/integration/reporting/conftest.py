"""The invented warehouse, and a browser that shows its pages."""

from tests.support.invented_warehouse import browser, read_only, site, warehouse

__all__ = ["browser", "read_only", "site", "warehouse"]
