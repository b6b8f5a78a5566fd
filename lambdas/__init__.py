"""Entry points of the deployed functions: parse, one call, shape the answer."""
