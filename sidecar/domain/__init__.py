"""What the product talks about. Imports nothing of the rest of the package."""
