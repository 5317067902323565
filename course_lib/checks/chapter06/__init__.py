"""Exercises of chapter 6: application scenarios."""
