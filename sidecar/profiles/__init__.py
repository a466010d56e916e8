"""Where profiles and other small records live: one contract, several stores."""
