"""The command line, by subject."""
