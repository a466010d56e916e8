"""What search engines find on pages of results: an audit of the first pages of a shop's top queries."""
