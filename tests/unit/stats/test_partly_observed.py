"""Counts of which a part is located: published worked numbers, a slow second implementation, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from pipelines.stats.errors import AnalysisError, CountError, ExposureError, ParameterError, ShapeError
from pipelines.stats.outlier_nb import benjamini_hochberg
from pipelines.stats.partly_observed import classes
from pipelines.stats.partly_observed.claims import excess_p, reached_within, smallest_ratio, tipping_total
from pipelines.stats.partly_observed.estimates import estimate
from pipelines.stats.partly_observed.joint import joint_test
from pipelines.stats.partly_observed.mixture import LOG_RANGE, GammaMixture
from pipelines.stats.partly_observed.observed import observe
from pipelines.stats.partly_observed.posterior import fit_family
from pipelines.stats.partly_observed.propensity import fit_propensity
from pipelines.stats.partly_observed.ranks import family_ranks
from tests.support.partly_observed_slowly import Slow

NAN = math.nan
# Worked numbers of the method's description: low, median, high, P(rate > 2), p.
COMPLETE = {"low": [5, 1, 0, 2], "high": [5, 1, 0, 2], "exposure": [1, 1, 1, 1], "total": 8, "complete": True}
COMPLETE_ROWS = [
    (0.619957, 1.806922, 4.305026, 0.418801, 0.371163),
    (0.054945, 0.564573, 1.929681, 0.021221, 0.981684),
    (0.000004, 0.219368, 1.368259, 0.003976, 1.0),
    (0.185997, 0.876074, 2.530231, 0.069477, 0.908422),
]
PARTLY = {"low": [5, 1, 0, 2], "high": [5, 4, 0, 2], "exposure": [1, 1, 2, 1], "total": 20, "complete": False}
PARTLY_ROWS = [
    (0.429867, 1.774850, 6.804662, 0.083565, 0.900368),
    (0.026652, 0.975126, 5.557599, 0.000886, 0.999665),
    (0.000000, NAN, 2.620198, 0.000002, 1.0),
    (0.102745, 0.975126, 5.872405, 0.004121, 0.996981),
]


def rows(data: dict) -> np.ndarray:
    seen = observe(**data)
    found = estimate(seen, fit_family(seen))
    p = excess_p(seen.low, seen.expected)
    return np.column_stack([found.low, found.median, found.high, found.p_least, p])


@pytest.mark.parametrize(
    ("data", "share", "shape", "log_mean", "expected"),
    [(COMPLETE, 1.0, 1.827782, 0.171548, COMPLETE_ROWS), (PARTLY, 0.45, 1.232835, 0.400751, PARTLY_ROWS)],
    ids=["complete", "partly located"],
)
def test_worked_numbers(data: dict, share: float, shape: float, log_mean: float, expected: list) -> None:
    seen = observe(**data)
    fitted = fit_family(seen)
    assert seen.share == pytest.approx(share, abs=1e-12)
    assert fitted.expected_shape == pytest.approx(shape, abs=5e-6)
    assert fitted.expected_log_mean == pytest.approx(log_mean, abs=5e-6)
    np.testing.assert_allclose(rows(data), expected, rtol=0, atol=5e-6)
    assert (benjamini_hochberg(rows(data)[:, 4]) == 1).all()


@pytest.mark.parametrize(
    "data",
    [
        COMPLETE,
        PARTLY,
        {"low": [0, 1, 7], "high": [0, 9, 8], "exposure": [3, 1, 2], "total": 11, "complete": False},
    ],
    ids=["complete", "partly located", "wide bounds"],
)
def test_second_implementation_agrees(data: dict) -> None:
    slow = Slow(**data)
    seen = observe(**data)
    fitted = fit_family(seen)
    assert fitted.expected_shape == pytest.approx(slow.expected_shape, rel=1e-9)
    assert fitted.expected_log_mean == pytest.approx(slow.expected_log_mean, rel=1e-9)
    assert fitted.probability.sum() == pytest.approx(1.0)
    table = [slow.row(area) for area in range(len(data["low"]))]
    np.testing.assert_allclose(rows(data)[:, :4], table, rtol=2e-5, atol=5e-6)


def test_thinning_of_unseen_counts_is_poisson_again() -> None:
    """Sum over the unseen number of Poisson(N; 3) Bin(2; N, 0.4) is Poisson(2; 1.2): what the model of pi rests on."""
    total = sum(stats.poisson.pmf(n, 3) * stats.binom.pmf(2, n, 0.4) for n in range(2, 80))
    assert total == pytest.approx(0.216859833, abs=1e-9)
    assert total == pytest.approx(stats.poisson.pmf(2, 1.2), abs=1e-12)


def test_exact_p_by_enumeration() -> None:
    assert excess_p([11], [1.03])[0] == pytest.approx(1.089391e-05, rel=1e-6)
    low, expected = [0, 1, 3, 9], [0.5, 0.1, 2.0, 1.5]
    by_hand = [
        1 - sum(stats.poisson.pmf(v, 2 * e) for v in range(n)) for n, e in zip(low, expected, strict=True)
    ]
    np.testing.assert_allclose(excess_p(low, expected), by_hand, rtol=1e-9)


def test_joint_test_and_its_sensitivity() -> None:
    found = joint_test([[1e-4, 0.01, 1.0], [1e-4, 1.0, 1.0]])
    assert found.p_value.tolist() == pytest.approx([0.02, 1.0])
    np.testing.assert_allclose(found.q_bonferroni, [0.04, 1.0])
    # Silence is p = 1 and not a missing study: it does not lower the number of elections.
    assert np.array_equal(joint_test([[1e-4, 0.01, NAN], [1e-4, 1.0, NAN]]).q_value, found.q_value)
    assert np.isnan(joint_test([[0.01], [0.2]]).q_value).all()


@pytest.mark.parametrize(
    ("expected", "areas", "share", "count", "ratio"),
    [(1.0, 514, 0.62, 10, 20.2), (16.0, 38, 0.69, 51, 5.2), (110.0, 38, 0.69, 267, 3.7)],
)
def test_smallest_ratio_found(expected: float, areas: int, share: float, count: int, ratio: float) -> None:
    found, needed = smallest_ratio([expected], share, 0.05 / areas)
    assert needed[0] == count and found[0] == pytest.approx(ratio, abs=0.05)
    assert (
        stats.poisson.sf(count - 1, 2 * expected) <= 0.05 / areas < stats.poisson.sf(count - 2, 2 * expected)
    )
    assert stats.poisson.sf(count - 1, found[0] * expected * share) == pytest.approx(0.8)


def test_claim_tips_where_the_tipping_total_says() -> None:
    low, weight, per_incident = [7, 0, 2, 1], np.array([0.1, 0.4, 0.3, 0.2]), 1.21
    tips = tipping_total(low, weight, 1, per_incident)
    assert tips[1] == 0.0
    for area in (0, 2, 3):
        for factor, is_above in ((0.999, False), (1.001, True)):
            expected = weight * tips[area] * factor / per_incident
            assert (excess_p(low, expected)[area] > 0.05 / 4) == is_above


counts = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=7)


def family(pairs: list[tuple[int, int]], seed: int, extra: float, complete: bool = False) -> dict:
    rng = np.random.default_rng(seed)
    low = [a for a, _ in pairs]
    high = [a if a == 0 else a + b for a, b in pairs]
    located = sum(math.sqrt(a * b) for a, b in zip(low, high, strict=True))
    exposure = rng.lognormal(0, 1, len(pairs))
    return {"low": low, "high": high, "exposure": exposure, "total": located + extra, "complete": complete}


@pytest.mark.slow
@settings(max_examples=15)
@given(counts, st.integers(0, 99), st.floats(0.5, 60))
def test_invariants_of_a_family(pairs: list, seed: int, extra: float) -> None:
    data = family(pairs, seed, extra)
    seen = observe(**data)
    found = estimate(seen, fit_family(seen))
    assert 0 < seen.share <= 1
    # Estimates lie inside their own interval; only silent areas have no median.
    assert (found.low <= found.high).all()
    known = ~seen.silent
    assert np.array_equal(np.isnan(found.median), seen.silent)
    assert (found.low[known] <= found.median[known]).all() and (
        found.median[known] <= found.high[known]
    ).all()
    q = benjamini_hochberg(excess_p(seen.low, seen.expected))
    assert (q[seen.silent] == 1).all()
    # Areas in another order: the same rows in that order.
    order = np.random.default_rng(seed).permutation(len(pairs))
    turned = {k: [v[i] for i in order] if k in ("low", "high", "exposure") else v for k, v in data.items()}
    np.testing.assert_allclose(rows(turned), rows(data)[order], rtol=1e-6, atol=1e-9)


@given(st.integers(1, 40), st.floats(0.01, 30))
def test_removing_a_claim_never_lowers_p(low: int, expected: float) -> None:
    assert excess_p([low - 1], [expected])[0] >= excess_p([low], [expected])[0]


@settings(max_examples=10)
@given(counts, st.integers(0, 99))
def test_all_located_without_bounds_is_the_complete_case(pairs: list, seed: int) -> None:
    exact = [(a, 0) for a, _ in pairs]
    open_family, whole = family(exact, seed, 0.0), family(exact, seed, 0.0, complete=True)
    if not sum(open_family["low"]):
        return
    left, right = observe(**open_family), observe(**whole)
    assert left.share == right.share == 1.0
    has_claim = ~left.silent
    a, b = estimate(left, fit_family(left)), estimate(right, fit_family(right))
    for name in ("low", "median", "p_least"):
        np.testing.assert_allclose(getattr(a, name)[has_claim], getattr(b, name)[has_claim], rtol=1e-9)
    assert (a.high <= b.high * (1 + 1e-9)).all() or not has_claim.all()


def test_claims_are_sharper_the_more_is_located() -> None:
    data = PARTLY | {"high": [5, 1, 0, 2]}
    widths = []
    for total in (30, 15, 9):
        seen = observe(**(data | {"total": total}))
        found = estimate(seen, fit_family(seen))
        widths.append(found.high[0] / found.low[0])
    assert widths[0] > widths[1] > widths[2]


def test_large_counts_do_not_wrap() -> None:
    big = 2**31 + 7
    seen = observe([big, 10, 2 * big], [big, 10, 2 * big], [1.0, 1.0, 1.0], total=3.0 * big, complete=True)
    found = estimate(seen, fit_family(seen))
    assert seen.low[0] == big and seen.total == 3 * big + 10
    assert found.low[0] < big / seen.expected[0] < found.high[0]
    assert excess_p([big, big], [big / 4, big])[0] == 0.0 and excess_p([big, big], [big / 4, big])[1] == 1.0


def test_family_without_an_incident_says_nothing() -> None:
    seen = observe([0, 0], [0, 0], [1, 2], total=5)
    found = estimate(seen, fit_family(seen))
    assert seen.silent.all() and seen.share == 1e-3 and np.isnan(found.median).all()
    assert (excess_p(seen.low, seen.expected) == 1).all()


@pytest.mark.parametrize(
    ("data", "error", "element"),
    [
        ({"low": [1, -1], "high": [1, 1], "exposure": [1, 1]}, CountError, "low[1]"),
        ({"low": [1, 3], "high": [1, 2], "exposure": [1, 1]}, CountError, "high[1]"),
        ({"low": [1, NAN], "high": [1, 2], "exposure": [1, 1]}, CountError, "low[1]"),
        ({"low": [1, 2], "high": [1, 2], "exposure": [1, 0]}, ExposureError, "exposure[1]"),
        ({"low": [0, 0], "high": [0, 0], "exposure": [0, 0]}, ExposureError, "exposure"),
        ({"low": [1, 2], "high": [1], "exposure": [1, 1]}, ShapeError, "high"),
        ({"low": [1], "high": [1], "exposure": [1], "total": -3}, ParameterError, "total"),
    ],
)
def test_bad_input_is_named(data: dict, error: type[AnalysisError], element: str) -> None:
    with pytest.raises(error) as caught:
        observe(**data)
    assert caught.value.element == element


# ---- ranks, propensity, words ------------------------------------------------------------------------------------
def test_ranks_need_a_complete_family() -> None:
    seen = observe(**PARTLY)
    with pytest.raises(ParameterError):
        family_ranks(seen, fit_family(seen))
    seen = observe(**(COMPLETE | {"low": [60, 1, 0, 2], "high": [60, 1, 0, 2], "total": 63}))
    ranks = family_ranks(seen, fit_family(seen), top=1)
    assert ranks.low[0] == ranks.high[0] == 1 and ranks.top_probability[0] > 0.99
    assert ranks.expected.sum() == pytest.approx(10)
    assert (ranks.low <= ranks.expected).all() and (ranks.expected <= ranks.high).all()


def slow_propensity(low, high, expected, share):
    """The same grid with plain loops over a few cells."""
    tau_grid = [0.02, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.2, 1.6, 2.2]
    omega_grid = [0.05, 0.2, 0.4, 0.7, 1.0, 1.5, 2.2, 3.5, 5.5, 9.0]
    logs = np.linspace(math.log(0.003), math.log(60), 48)
    edges = [math.exp(-60), *np.exp((logs[1:] + logs[:-1]) / 2), math.exp(20)]
    middle = np.sqrt(np.array(low) * np.array(high))
    weight = np.array(expected).sum(axis=1) / np.sum(expected)

    def likelihood(counts, means, omega):
        k = 1 / omega
        p = [[k / (k + m * a) for m in means] for a in np.exp(logs)]
        return [
            math.exp(
                sum(
                    math.lgamma(n + k) - math.lgamma(k) - math.lgamma(n + 1)
                    + k * math.log(q) + (n * math.log(1 - q) if n else 0)
                    for n, q in zip(counts, row, strict=True)
                )
            )
            for row in p
        ]  # fmt: skip

    n_areas = len(low)
    evidence, kept = [], []
    means = np.array(expected) * np.array(share)
    for tau in tau_grid:
        deviation = math.sqrt(1 / max(middle.sum(), 1) + tau**2 * (weight**2).sum())
        log_tau = -2.0 if tau == 0.02 else -0.5 * (math.log(tau / 0.7) / 0.8) ** 2
        for z in np.linspace(-2, 3, 6):
            g = math.exp(z * deviation)
            gamma = stats.gamma(1 / tau**2, scale=g * tau**2)
            prior = np.maximum(np.diff(gamma.cdf(edges)), 1e-300)
            for omega in omega_grid:
                parts = [np.array(likelihood(middle[i], means[i], omega)) for i in range(n_areas)]
                log = sum(math.log(x @ prior) for x in parts)
                evidence.append(log + log_tau + math.log(deviation) - 0.5 * math.log(omega / 1.5) ** 2)
                kept.append((prior, omega))
    weights = np.exp(np.array(evidence) - max(evidence))
    weights /= weights.sum()
    out = []
    upper = np.concatenate([[0], np.exp((logs[1:] + logs[:-1]) / 2), [math.exp(logs[-1] + 0.1)]])
    for i in range(n_areas):
        sides = []
        for counts, at in ((low[i], np.array(expected)[i]), (middle[i], means[i]), (high[i], means[i])):
            cache = {omega: np.array(likelihood(counts, at, omega)) for omega in omega_grid}
            total = np.zeros(48)
            for w, (prior, omega) in zip(weights, kept, strict=True):
                joint = cache[omega] * prior
                total += w * joint / joint.sum()
            sides.append(total / total.sum())
        cut = [
            np.interp(p, np.concatenate([[0], np.cumsum(s)]), upper)
            for p, s in ((0.025, sides[0]), (0.975, sides[2]))
        ]
        out.append((cut[0], sides[1] @ np.exp(logs), cut[1], sides[0][np.exp(logs) > 2].sum()))
    return np.array(out)


def test_propensity_agrees_with_plain_loops() -> None:
    low, high = [[3, 5], [0, 1], [1, 0]], [[4, 5], [0, 1], [6, 0]]
    expected, share = [[1.0, 1.5], [2.0, 1.0], [1.5, 2.0]], [0.8, 1.0]
    found = fit_propensity(low, high, expected, share)
    table = np.column_stack([found.low, found.mean, found.high, found.p_least])
    np.testing.assert_allclose(table, slow_propensity(low, high, expected, share), rtol=1e-8)
    assert (found.low < found.mean).all() and (found.mean < found.high).all()
    assert 0.02 < found.tau < 2.2 and 0.05 < found.omega < 9


def test_propensity_sees_what_comes_back() -> None:
    rng = np.random.default_rng(3)
    lasting = np.where(np.arange(38) < 4, 6.0, 0.6)
    counts = rng.poisson(np.full((38, 3), 4.0) * lasting[:, None])
    found = fit_propensity(counts, counts, np.full((38, 3), 4.0), [1.0, 1.0, 1.0])
    assert (found.low[:4] > 2).all() and (found.p_least[4:] < 0.5).all()
    with pytest.raises(ShapeError):
        fit_propensity([1, 2], [1, 2], [1, 2], [1])
    with pytest.raises(CountError):
        fit_propensity([[3]], [[2]], [[1.0]], [1])
    with pytest.raises(ExposureError):
        fit_propensity([[3]], [[3]], [[0.0]], [1])


def words(**changes) -> list[str]:
    data = {
        "q_low": [0.01, 0.3, 0.3, 0.3, 1.0],
        "q_high": [0.01, 0.04, 0.3, 0.3, 1.0],
        "p_least": [0.99, 0.5, 0.85, 0.7, 0.9],
        "silent": [False, False, False, False, True],
        "share": 0.9,
        "official": True,
    }
    return classes.classify(**(data | changes)).tolist()


def test_first_word_that_applies() -> None:
    assert words() == ["supported_once", "number_open", "watch_list", "no_statement", "silent"]


def test_words_where_too_little_is_located() -> None:
    """The exact claims stay, they hold at any located share; intervals, and words that rest on them, do not."""
    found = words(share=0.49)
    assert found == ["supported_once", "number_open", "not_comparable", "not_comparable", "silent"]
    assert classes.has_interval(0.5, official=True) and not classes.has_interval(0.49, official=True)


def test_words_without_an_official_total() -> None:
    assert words(official=False) == [*["not_comparable"] * 4, "silent"]
    assert not classes.has_interval(1.0, official=False)


def test_several_elections_take_the_strongest_word_and_confirm_only_jointly() -> None:
    table = [
        ["supported_once", "supported_once"],
        ["supported_once", "silent"],
        ["silent", "not_comparable"],
        ["silent", "silent"],
        ["watch_list", "no_statement"],
        ["", "number_open"],
    ]
    found = classes.over_elections(table, [0.01, 0.2, 1.0, 1.0, NAN, 1.0]).tolist()
    expected = [
        "confirmed_several",
        "supported_once",
        "not_comparable",
        "silent",
        "watch_list",
        "number_open",
    ]
    assert found == expected


def test_number_that_is_not_broken_down_is_open_only_between_the_bounds() -> None:
    assert reached_within([0.2, 0.01, 0.9], [0.03, 0.01, 0.9]).tolist() == [True, False, False]


def test_quantiles_of_uneven_mixtures_agree_with_bisection() -> None:
    """Shapes and rates over five orders of magnitude, where a tail is flat between its components."""
    rng = np.random.default_rng(3)
    for _ in range(25):
        size = int(rng.integers(1, 40))
        weight = rng.dirichlet(np.full(size, 0.1)) + 1e-9
        weight /= weight.sum()
        shape, rate = 10 ** rng.uniform(-2, 2.5, size), 10 ** rng.uniform(-3, 3, size)
        mixture = GammaMixture(weight, shape, rate, np.array([0]))
        for p in (0.025, 0.5, 0.975):

            def gap(at: float, p: float = p, of: GammaMixture = mixture) -> float:
                if p < 0.5:
                    return float(of.weight @ special.gammainc(of.shape, of.rate * np.exp(at))) - p
                return 1 - p - float(of.weight @ special.gammaincc(of.shape, of.rate * np.exp(at)))

            if gap(LOG_RANGE[0]) < 0:
                expected = np.exp(optimize.brentq(gap, *LOG_RANGE, xtol=1e-12))
                assert mixture.quantile(p)[0] == pytest.approx(expected, rel=1e-6)
