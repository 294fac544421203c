"""Who reads a document and each of its pages, and what is done once all of them are read."""
