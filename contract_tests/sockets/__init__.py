"""Clients and mock gateway over real sockets on loopback, where connections can break."""
