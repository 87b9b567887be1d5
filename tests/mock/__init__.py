"""The mock gateway."""
