"""Reshelf: a re-ranking sidecar for OpenSearch."""

__version__ = "0.1.0"
