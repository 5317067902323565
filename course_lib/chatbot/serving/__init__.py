"""The chatbot for others: a web server that answers many at once, and a terminal.

`batching` and `limits` need nothing but NumPy; `app` needs the extra "serve".
"""
