"""How texts are folded and cut into words, the same for queries, titles and rules."""
