"""Callbacks: reading, receiving, storing, and waking waits."""
