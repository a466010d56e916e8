"""Makes the versioned model folder that Triton and the in-process scorer load. Needs no torch."""
