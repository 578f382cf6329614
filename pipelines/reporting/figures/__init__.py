"""Figures by matplotlib as compact SVG; one module per kind of figure."""
