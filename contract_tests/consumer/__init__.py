"""The requests that clients send, and their handling of responses."""
