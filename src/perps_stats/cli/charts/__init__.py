"""Pictures of what the database holds.

A question to the repository becomes a ``Figure``, which is plain data; ``vega`` makes a picture of
it, ``screen`` draws it on a terminal, and its records are what ``--json`` and ``--csv`` print.
"""
