"""From claims to counts: re-votes, recapitulation, disputes, exposure and names of areas as pure functions on frames."""
