"""Colours of all figures. Dark to light, so that greyscale prints keep the order; orange against blue is safe
for colour-blind readers. The style sheet maps each of them to its counterpart on a dark screen."""

INK, MUTED, RULE, PAPER = "#1d2730", "#56626e", "#d5dbe1", "#ffffff"
WHOLE, PARTLY, ALERT, WINDOW, EMPTY = "#1f5f8b", "#9cc3de", "#b8480b", "#c9d3dc", "#eceff2"
RAMP = (PARTLY, "#5b97c0", WHOLE, "#0e3a5a")  # low to high rates
PALE = "#dbe7f1"  # the lightest blue: happened once
LAND = "#a7b3be"  # faint dots and outlines that only show where the land is
