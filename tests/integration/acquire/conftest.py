"""The published tree, served to each test."""

from tests.support.download import crawl, published, settings

__all__ = ["crawl", "published", "settings"]
