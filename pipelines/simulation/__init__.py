"""A simulated country, and the study that measures every error rate on it. Nothing here is about a real place."""
