"""The pipeline: generates `generated/` from the documents of gateways, and reports what a new page changes."""
