"""From a question to ranked chunks: channels fused, and the graph explored."""
