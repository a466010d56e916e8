"""What a search costs, measured in interleaved runs on the real stack."""
