# %% [markdown]
# # What is certain, what is possible
# Re-votes (PSU) held at the general election of 2024, by province: a bar from what is certain to what the official
# national total leaves possible. A narrow bar is knowledge; a wide one is the work that is left.

# %%
import matplotlib.pyplot as plt

import titikrawan

counts = titikrawan.load("counts", election="pemilu-2024")
held = counts.query("outcome == 'psu' and measure == 'held' and level == 'province'").sort_values("lower")
print(titikrawan.cite())
held[["area_name", "lower", "upper", "is_complete"]].tail(10)

# %%
shown = held.tail(20)
figure, axes = plt.subplots(figsize=(8, 6))
axes.hlines(shown["area_name"], shown["lower"], shown["upper"].astype(float), color="#bbbbbb", linewidth=4)
whole = shown["is_complete"]
axes.plot(shown["lower"][whole], shown["area_name"][whole], "o", color="#1a5276", label="complete")
axes.plot(
    shown["lower"][~whole], shown["area_name"][~whole], "o", mfc="white", color="#1a5276", label="at least"
)
axes.set_xlabel("stations with a re-vote held (certain to possible)")
axes.legend()
figure.tight_layout()

# %% [markdown]
# Only complete provinces may be compared with each other. For the others the left end says what somebody wrote down.

# %%
summary = held.groupby("is_complete").agg(provinces=("area_code", "size"), certain=("lower", "sum"))
summary.head()
