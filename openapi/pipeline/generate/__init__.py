"""Generates `generated/` from the stored documents."""
