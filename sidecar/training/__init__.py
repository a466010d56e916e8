"""Trains the cross-encoder: from judgments, from the catalogue itself, and from debiased clicks."""
