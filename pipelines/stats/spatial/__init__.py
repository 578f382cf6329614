"""Clusters in space and in the tree of areas, and scan statistics that detect them."""
