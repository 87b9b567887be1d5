"""`call`: generated operations by name, and the paid ones among them."""
