"""Bulk creation against the mock gateway: crashes, kills and two processes."""
