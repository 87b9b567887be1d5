"""From the stored documents to `generated/`."""
