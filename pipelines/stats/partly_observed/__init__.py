"""Rates, intervals and claims from counts that are only partly located.

In a scope with an official total, between ``low[i]`` and ``high[i]`` incidents are located in area i. The
others happened somewhere in the scope, but it is unknown where. The model:

* relative rate r_i ~ Gamma(k, k / g), a multiple of the scope's official rate;
* located incidents n_i ~ Poisson(E_i r_i pi_i), E_i = exposure share times the official total in incidents;
* pi_i = 1 where the area is known in full, else pi_i ~ Beta(2 sigma, 2 (1 - sigma)), sigma = located share.

`observed` holds the data of one family, `posterior` the posterior of (k, g), `estimates` the intervals,
`claims` the exact tests, which do not use k, `joint` and `propensity` the methods for several elections,
`ranks` the ranks of complete families and `classes` the evidence classes. Sources: Clayton & Kaldor 1987,
Biometrics 43:671 (gamma-Poisson rates); Heitjan & Rubin 1991, Annals of Statistics 19:2244 (coarse data);
Fader & Hardie 2000 (beta-binomial under-reporting of NB counts); Manski 2003, Partial Identification of
Probability Distributions (the two ends).
"""
