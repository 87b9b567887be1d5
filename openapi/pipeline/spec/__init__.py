"""OpenAPI documents as data: reading, walking, comparing paths and merging. This package is independent of gateways."""
