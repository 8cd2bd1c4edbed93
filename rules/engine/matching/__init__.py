"""Finding words: folding, phrases, addresses and patterns, and where they stand in a text."""
