"""Retrievers for other frameworks: each wraps an open engine, and imports its framework alone."""
