"""The protocol as pure functions: requests, responses, error codes and redaction."""
