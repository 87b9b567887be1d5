"""What the supplied documents say, and what they leave out."""
