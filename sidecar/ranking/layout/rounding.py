"""Shares as people write them, and as floating point has them."""

ROUNDING = 1e-9
"""A share that is exactly what a rule asks for, such as 7 of 100, may come out a little less."""
