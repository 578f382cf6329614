"""The invented warehouse and its pages."""

from tests.support.invented_warehouse import read_only, site, warehouse

__all__ = ["read_only", "site", "warehouse"]
