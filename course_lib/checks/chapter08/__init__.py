"""Exercises of chapter 8: trends and challenges."""
