"""What was served: kept for what comes back, never computed again."""
