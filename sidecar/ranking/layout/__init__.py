"""The layout: what the shop's rules do to an answer after relevance and taste."""
