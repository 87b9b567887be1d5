"""Bulk creation: many voices, as many at a time as the account allows, with a ledger that survives any crash."""
