"""Exercises of chapter 2, core concepts and connections: one file each."""
