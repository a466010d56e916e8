"""Layout rules: their language, the folder they are written in, and the versions that are published."""
