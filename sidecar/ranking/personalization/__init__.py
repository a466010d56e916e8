"""Personalization: what this shopper likes, on top of relevance and within bounds."""
