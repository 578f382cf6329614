"""Statistics as pure functions on arrays and frames; no input or output.

Everything in `__all__` is imported on first use, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXPORTS: dict[str, str] = {
    # rates and empirical Bayes
    "poisson_midp_interval": "rates",
    "rate_table": "rates",
    "gamma_poisson_eb": "empirical_bayes",
    "binomial_eb": "empirical_bayes",
    "marshall_eb": "moment_eb",
    "marshall_eb_local": "moment_eb",
    "posterior_ranks": "ranks",
    "hotspot_statistics": "hotspots",
    "dispersion": "overdispersion",
    # counts of which only a part is located
    "observe": "partly_observed.observed",
    "fit_family": "partly_observed.posterior",
    "estimate": "partly_observed.estimates",
    "excess_p": "partly_observed.claims",
    "smallest_ratio": "partly_observed.claims",
    "tipping_total": "partly_observed.claims",
    "joint_test": "partly_observed.joint",
    "fit_propensity": "partly_observed.propensity",
    "family_ranks": "partly_observed.ranks",
    # tests
    "nb_midp_test": "outlier_nb",
    "benjamini_hochberg": "outlier_nb",
    "benjamini_yekutieli": "outlier_nb",
    "nb_funnel": "funnel",
    "detectable_rate_ratio": "power",
    # across elections
    "credibility_cascade": "persistence.cascade",
    "persistence_permutation_test": "persistence.permutation",
    "fit_credibility": "persistence.credibility",
    "partial_conjunction": "persistence.replicability",
    "adafilter": "persistence.replicability",
    "adafilter_bh": "persistence.replicability",
    "classify_persistence": "persistence.replicability",
    # clusters
    "tree_scan": "spatial.tree_scan",
    "tree_scan_bernoulli": "spatial.tree_scan_bernoulli",
    "circular_scan": "spatial.circular_scan",
    "spans_sea": "spatial.circular_scan",
    "ScanResult": "spatial.scan_result",
    "ScanCluster": "spatial.scan_result",
    "moran_rates": "spatial.moran",
    # causes
    "ground_profile": "ground_shares",
    "eb05": "mgps",
    # errors
    "AnalysisError": "errors",
    "ShapeError": "errors",
    "CountError": "errors",
    "ExposureError": "errors",
    "TreeError": "errors",
    "ParameterError": "errors",
}

__all__ = sorted(_EXPORTS)  # noqa: PLE0605 (one list, declared above)


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
