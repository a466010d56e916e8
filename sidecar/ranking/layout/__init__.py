"""The layout stage: what rules do to the order, and to the page."""
