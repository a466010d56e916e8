"""What variety costs in relevance: rules that diversify, on judged queries."""
