"""Queries behind the reports, one module per question, read from the marts."""
