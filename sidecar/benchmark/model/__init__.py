"""The model against what a user would pick instead: same weights, same pairs, one interleaved run."""
