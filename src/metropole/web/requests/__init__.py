"""Requests as they come: what the client wants, who it is, and what is wrong with it."""
