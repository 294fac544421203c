"""The bounds of what is read of the graph at once, whatever a hub holds."""

NODE_BITS = 20
"""The number of a chunk is that of its document, shifted by so many bits, and its place there."""
LAST_PLACE = (1 << NODE_BITS) - 1
MOST_DOCUMENTS = 100
"""Of an entity's documents, those read for how it is called and described."""
MOST_CONTENTS = 512
MOST_MEANINGS = 16
MOST_NAMES = 8
MOST_DESCRIPTIONS = 8
