"""The gates of the study, their limits and sizes."""

from __future__ import annotations

from pipelines.simulation import family_study
from pipelines.simulation import study_gates as ask
from pipelines.simulation.study import Gate

# Sizes and false discovery rates are promised at 0.05; the study allows 0.075 for a size, because of the
# estimated dispersion and the conditioning on the total.
_SIZES = (
    Gate(
        "tree size",
        "Tree scan, over-dispersed null: how often it rejects at 0.05 when there is no cluster",
        ask.tree_size("negative_binomial"),
        *(0.0, 0.075, 550, 40, 20),
    ),
    Gate(
        "kab circle size",
        "Circular scan of kab, over-dispersed null: how often it rejects at 0.05 when there is no cluster",
        ask.kab_circle_size("negative_binomial"),
        *(0.0, 0.075, 600, 60, 50),
    ),
    Gate(
        "kecamatan circle size",
        "Circular scan of kecamatan within kab, over-dispersed null: rejections at 0.05 without a cluster",
        ask.kec_circle_size,
        *(0.0, 0.075, 120, 0, 10),
    ),
    Gate(
        "defect: tree, Poisson null",
        "The same data with the Poisson null: it must reject far too often, or the study cannot see",
        ask.tree_size("poisson"),
        *(0.5, 1.0, 100, 20, 50),
    ),
    Gate(
        "defect: kab circle, Poisson null",
        "The same data with the Poisson null: it must reject far too often, or the study cannot see",
        ask.kab_circle_size("poisson"),
        *(0.5, 1.0, 100, 20, 50),
    ),
)

_RATES = (
    Gate(
        "BH, no outlier",
        "Benjamini-Hochberg on NB mid-P, kab: share of elections with a false outlier",
        ask.bh_fdr(0),
        *(0.0, 0.05, 2000, 200, 250),
        with_error=True,
    ),
    Gate(
        "BH, 20 outliers",
        "Benjamini-Hochberg on NB mid-P, kab: false share of the outliers flagged",
        ask.bh_fdr(20),
        *(0.0, 0.05, 2000, 200, 250),
        with_error=True,
    ),
    Gate(
        "AdaFilter FDR",
        "AdaFilter, persistent in 2 of 5 elections: false share of the kab confirmed",
        ask.adafilter_fdr,
        *(0.0, 0.05, 900, 60, 100),
        with_error=True,
    ),
    Gate(
        "permuted areas",
        "Negative control, areas shuffled in each election: confirmed persistent kab per country",
        ask.permuted_confirmed,
        *(0.0, 0.05, 600, 60, 100),
    ),
    Gate(
        "not permuted",
        "The same countries unshuffled: share of five truly persistent kab that are confirmed",
        ask.unpermuted_confirmed,
        *(0.2, 1.0, 300, 30, 100),
    ),
)

_ESTIMATES = (
    Gate(
        "gamma-Poisson coverage",
        "Share of kab whose true rate lies in the 95 % interval",
        ask.poisson_coverage,
        *(0.93, 0.97, 500, 60, 100),
    ),
    Gate(
        "beta-binomial coverage",
        "Share of kab whose true share of late units lies in the 95 % interval",
        ask.binomial_coverage,
        *(0.93, 0.97, 250, 20, 50),
    ),
    Gate(
        "exceedance",
        "Sum of P(rate > 2) over kab against the number of kab that exceed 2",
        ask.exceedance_ratio,
        *(0.9, 1.1, 500, 60, 100),
    ),
)

_PARTLY = (
    Gate(
        "smallest ratio found",
        "An area planted with the smallest ratio found with 80 %, whole rule with BH: share supported",
        family_study.planted,
        *(0.74, 0.90, 1500, 100, 250),
    ),
)

RATIOS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)

_POWER = tuple(
    Gate(
        f"{name} x{ratio:g}", f"{words}, rate ratio {ratio:g}", make(ratio), 0.0, 1.0, full, 0, batch, x=ratio
    )
    for name, words, make, full, batch in (
        ("power: NB mid-P", "Power at 0.05 for one kab", ask.outlier_power, 200, 100),
        ("power: tree", "Power of the tree scan for one kab", ask.tree_power, 120, 25),
        ("power: circle", "Power of the circular scan for eight kab side by side", ask.circle_power, 120, 50),
    )
    for ratio in RATIOS
)

GATES: tuple[Gate, ...] = _SIZES + _RATES + _ESTIMATES + _PARTLY + _POWER
