"""Workbooks of offices: templates out, filled-in or home-made sheets in, and back with what was not understood."""
