"""Input and output with httpx: clients, transports, and the loops that run flows."""
