"""OpenAPI documents as data: reading, walking, comparing paths and merging. Nothing here knows a gateway."""
