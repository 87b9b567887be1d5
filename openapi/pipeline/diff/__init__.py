"""Compares documents: what a page changes, and who is affected."""
