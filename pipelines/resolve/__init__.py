"""From claims to counts: pure functions on frames for re-votes,
recapitulation, disputes, exposure and area names."""
