"""Parsers that ship with Glede: one module for each family of formats, each of them a `Parser`."""
