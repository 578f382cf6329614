"""Checking and auditing result forms on one machine or in mapped tasks on several."""
