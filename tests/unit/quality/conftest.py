"""A small register that a test may spoil."""

from tests.support.small_register import check, references

__all__ = ["check", "references"]
