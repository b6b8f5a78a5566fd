"""One entry point for each agent, so that each has its own role, timeout and alarm."""
