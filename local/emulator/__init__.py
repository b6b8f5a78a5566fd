"""The embedded AWS itself: ministack, started with the gaps closed that a deployment like ours would fall into.

This package runs in an environment of its own, `.venv-aws`; nothing else may import it.
"""
