"""The first line: documents parsed, chunked, embedded, stored and acknowledged; the graph beside it."""
