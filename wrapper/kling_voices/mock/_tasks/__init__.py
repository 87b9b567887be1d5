"""Tasks of the mock gateway: their state, their progress, and their form in each dialect."""
