"""Where lists to train on come from, one file each."""
