"""What a shop tells of its shoppers: taken in, kept, and learned from."""
