"""The page `/_mock/` of the served mock gateway, and its JSON API."""
