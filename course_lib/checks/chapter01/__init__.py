"""Exercises of chapter 1, background: one file each."""
