"""Measurements that are not tests: speed (`python -m bench.hotspots`) and validity (`python -m bench.validate`)."""
