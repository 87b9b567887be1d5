"""Client and mock gateway over real sockets on loopback: what handlers in the process cannot show."""
