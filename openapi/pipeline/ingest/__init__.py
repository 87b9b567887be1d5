"""Ingesting a page: read it, identify its operations, and store it with its digest."""
