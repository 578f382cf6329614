"""Checks of loaded and published tables. Great Expectations is imported on first use, not with the package."""

from .cast import DTYPES, Cast, cast
from .conditions import Condition, conditions
from .engine import EngineError
from .large import validate_large
from .published import published_checks, validate_published
from .reconcile import reconcile_coverage, reconcile_exposure, reconcile_sums
from .validate import Validated, validate

__all__ = [
    "DTYPES",
    "Cast",
    "Condition",
    "EngineError",
    "Validated",
    "cast",
    "conditions",
    "published_checks",
    "reconcile_coverage",
    "reconcile_exposure",
    "reconcile_sums",
    "validate",
    "validate_large",
    "validate_published",
]
