"""Weights from judgments: how the blend of the relevance stage is fitted and judged."""
