"""What runs inside the sandbox, and the format in which the two sides talk. It knows nothing of marks."""
