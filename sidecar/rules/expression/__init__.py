"""A small language over a document's fields, such as `brand == 'Nike' and price < 100`. No code is run."""
