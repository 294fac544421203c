"""The second line: from what was found to an answer whose claims are cited."""
