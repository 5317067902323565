"""The experiments: one file per chapter and topic, one short function per claim or family of claims."""
