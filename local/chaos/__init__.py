"""`make chaos`: processes killed at every call of AWS that a run makes, on the embedded AWS."""
