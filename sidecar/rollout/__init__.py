"""Models are put beside each other on Triton, tried, and exchanged without a lost search."""
