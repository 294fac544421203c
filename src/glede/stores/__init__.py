"""Adapters to what keeps data: SQL, files, Milvus. They never import one another."""
