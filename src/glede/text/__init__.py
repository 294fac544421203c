"""Languages, words, sentences, tokens and labels: pure logic over text."""
