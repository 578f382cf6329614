"""Areas that stand out again and again over several elections."""
