"""What a call does, without input or output: each call is a generator that yields requests to send and pauses."""
