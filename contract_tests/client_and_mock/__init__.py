"""Clients, mock gateway and contract against each other, in process."""
