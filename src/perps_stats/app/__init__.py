"""The composition root: settings become clients, a repository, a collector, a server.

One module for each thing the program can be, so that a command imports only what it needs.
"""
