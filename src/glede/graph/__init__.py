"""The knowledge graph's pure logic: names, identity, what a question names, spreading, themes, pictures."""
