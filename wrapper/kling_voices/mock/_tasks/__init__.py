"""Tasks: what the mock remembers, how they progress, and how each dialect describes them."""
