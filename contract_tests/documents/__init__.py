"""The documents against each other: supplied pages, what is known beyond them, and the compiled contract."""
