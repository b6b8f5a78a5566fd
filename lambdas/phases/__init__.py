"""Entry points of the state machine's phases."""
