"""What clients that asked for it are told about the page. Computed for nobody else."""
