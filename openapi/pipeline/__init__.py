"""From the documents that gateways publish to `generated/`, and what a new page changes."""
