"""What the deadline costs in quality: the cascade against scoring everything."""
