"""What rules that are not yet live would change: the same searches with both, side by side."""
