"""Exercises of chapter 3, core algorithms and steps: one file each."""
