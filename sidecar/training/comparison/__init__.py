"""Ways to run one cross-encoder, compared in one run: how fast, how good, how large."""
