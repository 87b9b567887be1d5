"""What the mock gateway answers."""
