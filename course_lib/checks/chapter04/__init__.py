"""Exercises of chapter 4, mathematical models and formulas: one file each."""
