"""Areas that stand out repeatedly over several elections."""
