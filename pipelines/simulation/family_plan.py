"""Rows of the study of partly located families: settings, sizes, and which rows must fail."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from pipelines.simulation.elections_study import ElectionsRow, Prone
from pipelines.simulation.family_study import Row
from pipelines.simulation.partly_located import Country

SPREADS = (0.1, 0.25, 0.5, 1.0, 1.5)
FEW_SPREADS = (0.1, 0.5, 1.5)
TWO_SPREADS = (0.25, 1.0)
SHARES = (0.3, 0.5, 0.8)
# Coverage of complete families: 0.93-0.97 for 95 % intervals, in every setting up to two standard errors.
COMPLETE = (0.93, 0.97)

WAYS = (
    ("alike", "every incident alike"),
    ("uneven_4", "uneven, phi 4"),
    ("uneven_1", "uneven, phi 1"),
    ("rises", "rises with N"),
    ("whole_or_silent", "area whole or silent, rises with N"),
    ("falls", "falls with N"),
    ("covariate", "unseen covariate against r"),
)
# Reporting that depends on the rate: nothing in the data shows it, and the intervals must be seen to miss.
FAILURES = ("falls", "covariate")
# With 38 areas, so much of each is located that reporting which falls with N is still covered; we claim
# coverage there.
HOLDS_ALL_THE_SAME = {(38, "falls")}
# One area has most incidents and is reported almost in full, so that the overall located share is too high for
# the small areas, whose upper ends miss.
ONE_LARGE_AREA = Country(38, 600, 0.1, 0.8, "rises")


def _complete() -> Iterator[Row]:
    sizes = (
        (514, 600, SPREADS, 12, 1),
        (514, 250, SPREADS, 12, 0),
        (38, 600, SPREADS, 40, 0),
        (38, 60, SPREADS, 40, 4),
        (44, 24, SPREADS, 40, 4),
        (6, 10, SPREADS, 200, 20),
        (6, 3, FEW_SPREADS, 200, 0),
    )
    for areas, incidents, spreads, full, quick in sizes:
        settings = tuple(Country(areas, incidents, k) for k in spreads)
        yield Row(f"{areas} areas, {incidents} incidents, complete", settings, full, quick, *COMPLETE)


def _partly() -> Iterator[Row]:
    sizes = (
        (514, 600, FEW_SPREADS, 5),
        (38, 600, FEW_SPREADS, 20),
        (44, 24, TWO_SPREADS, 30),
        (6, 10, TWO_SPREADS, 100),
    )
    for areas, incidents, spreads, full in sizes:
        for way, words in WAYS:
            if areas in (44, 6) and way not in ("alike", "rises", "whole_or_silent"):
                continue
            drawn = (Country(areas, incidents, k, s, way) for k, s in product(spreads, SHARES))
            settings = tuple(country for country in drawn if country != ONE_LARGE_AREA)
            must_fail = way in FAILURES and (areas, way) not in HOLDS_ALL_THE_SAME
            quick = {(38, "alike"): 3, (514, "covariate"): 1}.get((areas, way), 0)
            yield Row(f"{areas} areas, {words}", settings, full, quick, must_fail=must_fail)

    name = "38 areas, rises with N, one area has most of what is located"
    yield Row(name, (ONE_LARGE_AREA,), 100, must_fail=True)


def _other_rates() -> Iterator[Row]:
    for rates, words in (("lognormal", "lognormal"), ("two_point", "two-point")):
        settings = tuple(Country(areas, 600, k, rates=rates) for areas, k in product((514, 38), FEW_SPREADS))
        yield Row(f"rates {words}, complete", settings, 10, high=1.0)


def _sizes() -> Iterator[Row]:
    for sizes, words in (("psu", "PSU (mean 1.2, max 12)"), ("flood", "flood (mean 2.2, max 114)")):
        for only in (0.0, 0.4):
            settings = tuple(
                Country(areas, 400, k, s, "alike", sizes=sizes, only_number=only)
                for areas, k, s in product((514, 38), (0.25, 1.0), (0.5, 0.8))
            )
            name = f"sizes {words}, only a number in {only:.0%}"
            # With totals that nobody breaks down, the intervals are wider but rest on less data: 0.90 is
            # attainable.
            yield Row(name, settings, 6, low=0.90 if only else 0.93)


def _limits() -> Iterator[Row]:
    burst = tuple(Country(514, 250, k, burst=0.02) for k in (0.5, 1.5))
    fails = {"must_fail": True, "fails_by": "false_supported"}
    yield Row("burst: 2 % of areas +8 incidents of one cause", burst, 20, 4, 0.0, 0.05, **fails)  # type: ignore[arg-type]
    low = tuple(Country(38, 600, k, 0.6, "whole_or_silent", total_stated=0.6) for k in (0.5, 1.5))
    yield Row("official total 40 % too low", low, 60, 0, 0.0, 0.05, **fails)  # type: ignore[arg-type]


def _elections() -> Iterator[ElectionsRow]:
    ways = ("complete", "same_everywhere", "rises", "mention")
    for areas, incidents, full, quick in ((514, 500.0, 8, 0), (38, 300.0, 30, 2), (6, 10.0, 100, 0)):
        for way in ways:
            if areas == 6 and way in ("same_everywhere", "rises"):
                continue
            for spreads, words in (
                (((0.0, 1.0), (0.0, 3.0)), "nothing lasts"),
                (((0.7, 1.0), (1.2, 2.0)), "tau 0.7-1.2"),
            ):
                settings = tuple(Prone(areas, incidents, tau, omega, way) for tau, omega in spreads)
                yield ElectionsRow(f"{areas} areas, 3 elections, {way}, {words}", settings, full, quick)


ROWS: tuple[Row, ...] = (*_complete(), *_partly(), *_other_rates(), *_sizes(), *_limits())
ELECTION_ROWS: tuple[ElectionsRow, ...] = tuple(_elections())
