"""Offices' workbooks: write templates, read filled-in or home-made sheets, and return them with errors marked."""
