"""Formulas as operator trees: read, compared, named, and found by structure."""
