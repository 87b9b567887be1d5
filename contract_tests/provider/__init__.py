"""The responses of the mock gateway."""
