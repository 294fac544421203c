"""Adapters to models: the local embedder, and the answerer that needs no model."""
