"""What a shopper likes, in numbers: pure functions over arrays. Knows no store and no search."""
