"""Metrics and logs. Neither ever holds a user id or the words of a query."""
