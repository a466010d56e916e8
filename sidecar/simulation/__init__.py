"""Shoppers with a taste of their own, made up, to measure what learning is worth."""
