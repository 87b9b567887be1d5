"""What is known of an operation beyond its page: attached to it whoever describes it, and compared with every page."""
