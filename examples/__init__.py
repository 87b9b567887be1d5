"""Examples of services that use kling-voices."""
