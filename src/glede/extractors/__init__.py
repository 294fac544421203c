"""Extractors: what the chunks of a document say of entities and of what ties them."""
