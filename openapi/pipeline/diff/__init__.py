"""What a page changes, and who is affected."""
