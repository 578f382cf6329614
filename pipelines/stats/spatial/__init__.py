"""Clusters in space and in the tree of areas, and the scans that look for them."""
