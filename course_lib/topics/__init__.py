"""Subjects that one chapter shows: one small module each, built on the core and on maintained libraries.

Nothing here is imported by another topic. What several chapters need belongs in the core.
"""
