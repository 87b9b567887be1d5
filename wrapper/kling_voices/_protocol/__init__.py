"""What goes over the wire: requests, responses, error codes and redaction, as pure functions."""
