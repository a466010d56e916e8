"""Searches under load: an open loop of shoppers who do not wait for each other."""
