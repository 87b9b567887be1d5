"""A page arrives: it is read, recognised, and stored with its digest."""
