"""What runs in a peer's own environment: only its library and this folder, nothing else of the package.

Peers want other versions of the same libraries than we do, so each runs in a process of its own Python.
"""
