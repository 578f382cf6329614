# %% [markdown]
# # Late recapitulation: exact days and bounds apart
# Of many recapitulations only a bound is known: completed on or before a day, or still open on a day after the deadline.
# Mixing the two with exact days would make an average of things that cannot be averaged.

# %%
import matplotlib.pyplot as plt

import titikrawan

recap = titikrawan.load("recap").query("is_unit and milestone == 'recap_regency'")
table = recap.groupby(["election_id", "verdict_name_en"]).size().unstack(fill_value=0)
print(titikrawan.cite())
table.head(20)

# %%
late = recap[recap["election_id"].isin(["pemilu-2019", "pemilu-2024"])]
figure, axes = plt.subplots(figsize=(8, 4))
for number, (election, group) in enumerate(late.groupby("election_id")):
    exact = group["days_late_exact"].dropna().astype(int)
    bound = group.loc[group["days_late_exact"].isna(), "days_late_lower"].dropna().astype(int)
    axes.plot(
        exact, [number + 0.1] * len(exact), "|", markersize=14, color="#1a5276", label=f"{election}: exact"
    )
    axes.plot(
        bound, [number - 0.1] * len(bound), ">", markersize=5, color="#b9770e", label=f"{election}: at least"
    )
axes.axvline(0, color="#888888", linewidth=1)
axes.set_yticks([0, 1], ["pemilu-2019", "pemilu-2024"])
axes.set_ylim(-0.6, 1.6)
axes.set_xlabel("days past the deadline (negative: early)")
axes.legend()
figure.tight_layout()

# %% [markdown]
# Units that nobody wrote about are in neither row: they are unknown, not on time.

# %%
known = titikrawan.load("mart.coverage").query("outcome == 'late_recap' and level == 'province'")
known.groupby(["election_id", "coverage"]).size().unstack(fill_value=0)
