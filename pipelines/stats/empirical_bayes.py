"""Empirical Bayes by maximum likelihood: gamma-Poisson for counts,
beta-binomial for units affected at most once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from pipelines.stats.checks import FloatArray, as_counts, as_exposure, in_open_unit, positive
from pipelines.stats.errors import CountError
from pipelines.stats.fit_bb import fit_beta_binomial
from pipelines.stats.fit_nb import MeanModel, fit_negative_binomial, group_cells


@dataclass(frozen=True)
class GammaPoissonEB:
    """Posterior of the relative risk of each area; all arrays have shape (n,), float64, dimensionless.

    Attributes:
        estimate: posterior mean; low, high: equal-tailed interval (``median`` is computed on demand).
        exceedance: posterior probability that the relative risk is above ``exceed``.
        raw: cases / expected (0 where expected is 0).
        posterior_shape, posterior_rate: parameters of the gamma posterior (inf without over-dispersion).
        prior_shape, prior_rate, prior_mean, prior_variance: theta ~ Gamma(shape, rate).
        loglik, loglik_poisson: log-likelihood with and without over-dispersion.
        level, exceed: as requested.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    exceedance: FloatArray
    raw: FloatArray
    posterior_shape: FloatArray
    posterior_rate: FloatArray
    prior_shape: float
    prior_rate: float
    prior_mean: float
    prior_variance: float
    loglik: float
    loglik_poisson: float
    level: float
    exceed: float

    @property
    def variance(self) -> FloatArray:
        """Posterior variance of each area, shape (n,); 0 without over-dispersion."""
        if np.isinf(self.prior_rate):
            return np.zeros_like(self.estimate)
        return self.posterior_shape / self.posterior_rate**2

    @property
    def median(self) -> FloatArray:
        """Posterior median of each area, shape (n,)."""
        if np.isinf(self.prior_rate):
            return self.estimate
        return np.asarray(special.gammaincinv(self.posterior_shape, 0.5) / self.posterior_rate)


@dataclass(frozen=True)
class BinomialEB:
    """Posterior of the share of each area; all arrays have shape (n,), float64, 0-1.

    Attributes:
        estimate: posterior mean; variance: posterior variance; median: posterior median; low, high:
            equal-tailed interval.
        exceedance: posterior probability that the share is above ``exceed`` times the prior mean.
        raw: successes / trials (0 where trials is 0).
        prior_alpha, prior_beta, prior_mean, prior_variance: share ~ Beta(alpha, beta).
        prior_precision: alpha + beta; inf without over-dispersion.
        loglik: log-likelihood at the maximum; level, exceed: as requested.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    variance: FloatArray
    median: FloatArray
    exceedance: FloatArray
    raw: FloatArray
    prior_alpha: float
    prior_beta: float
    prior_mean: float
    prior_variance: float
    prior_precision: float
    loglik: float
    level: float
    exceed: float


def gamma_poisson_eb(
    cases: Any,
    expected: Any,
    *,
    shape: float | None = None,
    mean: MeanModel = "estimated",
    level: float = 0.95,
    exceed: float = 2.0,
) -> GammaPoissonEB:
    """Shrink relative risks: theta ~ Gamma(a, a / mean), theta | y ~ Gamma(a + y, a / mean + E).

    Args:
        cases: events per area, shape (n,), whole numbers.
        expected: expected events per area, shape (n,), >= 0; zero only where no case occurred.
        shape: a known prior shape a; None fits it by maximum likelihood.
        mean: ``"estimated"`` fits the prior mean too (Clayton & Kaldor); ``"one"`` fixes it at 1, for
            expected counts that already add up to the cases.
        level: probability inside ``low``-``high``.
        exceed: relative risk whose exceedance is reported.

    Returns:
        `GammaPoissonEB`. Neutral results: without over-dispersion, with one area, or with no case at all, the
        prior shape is inf and each area gets the prior mean (low = high = estimate); an area with expected 0
        gets the prior.

    Raises:
        CountError, ExposureError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Clayton & Kaldor 1987, Biometrics 43:671, section 2.

    Example:
        >>> result = gamma_poisson_eb([9, 0, 2, 1], [1.4, 2.0, 2.5, 1.0])
        >>> bool(result.raw[0] > result.estimate[0] > result.prior_mean)
        True
    """
    y = as_counts(cases, "cases")
    e = as_exposure(expected, "expected", y)
    tail = (1 - in_open_unit(level, "level")) / 2
    positive(exceed, "exceed")
    cells = group_cells(y, e)
    fit = fit_negative_binomial(cells, mean=mean, shape=shape)
    raw = np.divide(y, e, out=np.zeros_like(y), where=e > 0)
    if np.isinf(fit.shape) or fit.mean == 0:
        flat = np.full(y.size, fit.mean)
        posterior = dict.fromkeys(("estimate", "low", "high"), flat)
        posterior["exceedance"] = np.full(y.size, float(fit.mean > exceed))
        posterior["posterior_shape"] = posterior["posterior_rate"] = np.full(y.size, np.inf)
        rate, variance = np.inf, 0.0
    else:
        rate, variance = fit.shape / fit.mean, fit.mean**2 / fit.shape
        by_cell = gamma_posterior(fit.shape + cells.cases, rate + cells.expected, tail, exceed)
        posterior = {name: values[cells.place] for name, values in by_cell.items()}
    return GammaPoissonEB(
        **posterior,
        raw=raw,
        prior_shape=fit.shape,
        prior_rate=rate,
        prior_mean=fit.mean,
        prior_variance=variance,
        loglik=fit.loglik,
        loglik_poisson=fit.loglik_poisson,
        level=level,
        exceed=exceed,
    )


def gamma_posterior(
    shape: FloatArray, rate: FloatArray, tail: float, exceed: float | FloatArray
) -> dict[str, FloatArray]:
    """Return summaries of Gamma(shape, rate): mean, interval with ``tail`` outside on each side, P(> exceed)."""
    # Quantiles scale with the rate, and there are few distinct shapes (prior + small count), so each shape is
    # solved once.
    distinct, place = np.unique(shape, return_inverse=True)
    return {
        "estimate": shape / rate,
        "low": special.gammaincinv(distinct, tail)[place] / rate,
        "high": special.gammaincinv(distinct, 1 - tail)[place] / rate,
        "exceedance": special.gammaincc(shape, exceed * rate),
        "posterior_shape": shape,
        "posterior_rate": rate,
    }


def binomial_eb(successes: Any, trials: Any, *, level: float = 0.95, exceed: float = 2.0) -> BinomialEB:
    """Shrink shares: p ~ Beta(alpha, beta) by maximum likelihood, p | y ~ Beta(alpha + y, beta + n - y).

    Args:
        successes: affected units per area, shape (n,), whole numbers, at most ``trials``.
        trials: units per area, shape (n,), whole numbers.
        level: probability inside ``low``-``high``.
        exceed: multiple of the prior mean whose exceedance is reported.

    Returns:
        `BinomialEB`. Neutral results: without over-dispersion, with one area, or when no (or every) trial
        succeeded, the prior precision is inf and each area gets the pooled share; an area without trials gets
        the prior.

    Raises:
        CountError, ShapeError, ParameterError: with the element that is wrong.

    Source:
        Martuzzi & Elliott 1996, Statistics in Medicine 15:1867; likelihood of Griffiths 1973, Biometrics
        29:637.

    Example:
        >>> result = binomial_eb([0, 1, 0, 9], [10, 10, 10, 10])
        >>> bool(result.raw[3] > result.estimate[3] > result.prior_mean)
        True
    """
    y = as_counts(successes, "successes")
    n = as_counts(trials, "trials")
    as_exposure(n, "trials", np.zeros_like(y))
    if (over := y > n).any():
        at = int(np.argmax(over))
        raise CountError(f"{y[at]:g} successes of {n[at]:g} trials", f"successes[{at}]")
    tail = (1 - in_open_unit(level, "level")) / 2
    positive(exceed, "exceed")
    fit = fit_beta_binomial(y, n)
    raw = np.divide(y, n, out=np.zeros_like(y), where=n > 0)
    threshold = min(exceed * fit.mean, 1.0)
    if np.isinf(fit.precision):
        flat = np.full(y.size, fit.mean)
        posterior = dict.fromkeys(("estimate", "low", "high", "median"), flat)
        posterior["exceedance"] = np.full(y.size, float(fit.mean > threshold))
        posterior["variance"] = np.zeros(y.size)
        alpha = beta = np.inf
        variance = 0.0
    else:
        alpha, beta = fit.mean * fit.precision, (1 - fit.mean) * fit.precision
        variance = fit.mean * (1 - fit.mean) / (fit.precision + 1)
        cells = group_cells(y, n)
        a, b = alpha + cells.cases, beta + cells.expected - cells.cases
        by_cell = {
            "estimate": a / (a + b),
            "variance": a * b / ((a + b) ** 2 * (a + b + 1)),
            "low": special.betaincinv(a, b, tail),
            "high": special.betainccinv(a, b, tail),
            "median": special.betaincinv(a, b, 0.5),
            "exceedance": special.betaincc(a, b, threshold),
        }
        posterior = {name: values[cells.place] for name, values in by_cell.items()}
    return BinomialEB(
        **posterior,
        raw=raw,
        prior_alpha=alpha,
        prior_beta=beta,
        prior_mean=fit.mean,
        prior_variance=variance,
        prior_precision=fit.precision,
        loglik=fit.loglik,
        level=level,
        exceed=exceed,
    )
