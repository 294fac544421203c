"""Tables as data: typed, described, kept, and asked."""
