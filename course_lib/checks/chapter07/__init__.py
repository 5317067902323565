"""Exercises of chapter 7, tools and resources: one file each."""
