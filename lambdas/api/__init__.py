"""Entry points of the HTTP API."""
