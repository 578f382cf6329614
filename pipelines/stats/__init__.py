"""Statistics as pure functions on arrays and frames; no input or output.

Everything in `__all__` is imported on first use, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXPORTS: dict[str, str] = {
    # claims and recapitulation
    "resolve_claims": "claims",
    "days_late": "recap",
    # rates and empirical Bayes
    "poisson_midp_interval": "rates",
    "rate_table": "rates",
    "gamma_poisson_eb": "eb",
    "binomial_eb": "eb",
    "marshall_eb": "marshall",
    "marshall_eb_local": "marshall",
    "posterior_ranks": "ranks",
    "hotspot_statistics": "hotspots",
    "dispersion": "overdispersion",
    # tests
    "nb_midp_test": "nbtest",
    "benjamini_hochberg": "nbtest",
    "benjamini_yekutieli": "nbtest",
    "nb_funnel": "funnel",
    "detectable_rate_ratio": "power",
    # across elections
    "credibility_cascade": "cascade",
    "persistence_permutation_test": "persistence_test",
    "fit_credibility": "credibility",
    "partial_conjunction": "replicability",
    "adafilter": "replicability",
    "adafilter_bh": "replicability",
    "classify_persistence": "replicability",
    # clusters
    "tree_scan": "treescan",
    "tree_scan_bernoulli": "treescan_bernoulli",
    "circular_scan": "circlescan",
    "spans_sea": "circlescan",
    "ScanResult": "scan_common",
    "ScanCluster": "scan_common",
    "moran_rates": "moran",
    # causes and back-test
    "ground_profile": "causes",
    "eb05": "mgps",
    "backtest": "backtest_run",
    # a simulated country
    "simulate_country": "simulate",
    "SimulatedCountry": "simulate",
    "Hotspots": "simulate",
    "CountrySize": "simulate_areas",
    # the simulation study
    "run_study": "study",
    "judge_all": "study",
    "GATES": "study_plan",
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
