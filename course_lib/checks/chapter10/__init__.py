"""Exercises of chapter 10, further reading: one file each."""
