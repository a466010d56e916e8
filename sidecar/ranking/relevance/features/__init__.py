"""What is known of a query and its hits before any shopper is known, as numbers; one code to serve and train.

Every feature is written so that more is better. `table.py` puts them together.
"""
