"""Typed errors of the statistics: each names the invalid element."""

from __future__ import annotations


class AnalysisError(ValueError):
    """An input from which no statistic can be computed.

    Attributes:
        element: the invalid input element, e.g. ``"population[3]"``; ``None`` for the whole input.
    """

    def __init__(self, message: str, element: str | None = None) -> None:
        super().__init__(f"{element}: {message}" if element else message)
        self.element = element


class ShapeError(AnalysisError):
    """Arrays that must have the same length (or a minimum length) do not."""


class CountError(AnalysisError):
    """A count that is negative, fractional, missing, or larger than its number of trials."""


class ExposureError(AnalysisError):
    """An exposure, population or expected count that is negative, missing or zero where cases occurred."""


class TreeError(AnalysisError):
    """A parent that does not exist, or a cycle among parents."""


class ParameterError(AnalysisError):
    """An option outside its allowed range or unknown by name."""
