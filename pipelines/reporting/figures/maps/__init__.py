"""Maps by matplotlib alone: proportional symbols on the centres of areas; rates by area where boundaries are loaded."""
