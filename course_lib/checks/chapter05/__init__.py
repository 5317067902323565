"""Exercises of chapter 5: the pieces of a chatbot."""
