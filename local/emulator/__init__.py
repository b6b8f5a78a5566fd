"""The embedded AWS itself: ministack, with the gaps closed that these stacks would fall into.

This package runs in an environment of its own, `.venv-aws`; nothing else may import it.
"""
