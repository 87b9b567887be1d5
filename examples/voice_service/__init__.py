"""A small service that creates voices, receives callbacks, and keeps the results."""
