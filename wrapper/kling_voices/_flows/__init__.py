"""The flows: each call is a generator that performs no I/O and yields requests to send and times to sleep."""
