"""Renderers of one content as HTML, PDF, CSV and XLSX."""
