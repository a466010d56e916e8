"""What a person should know of rules before they go live; one check a file."""
