"""What commands do where it is long. Not loaded before a command runs: it may need more than serving does."""
