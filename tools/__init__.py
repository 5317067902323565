"""What keeps the repository in order: pairing, locks, the environment of notebooks."""
