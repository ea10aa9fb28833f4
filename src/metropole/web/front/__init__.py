"""What stands before the WSGI application: an ASGI application, in `asgi.py`."""
