"""titik-rawan: from evaluations of past Indonesian elections to places and actions."""
