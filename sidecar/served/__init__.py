"""What was served, remembered by query id: written off the request path, read when events come."""
