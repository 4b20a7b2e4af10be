"""The process that conducts a run, and the handle to it."""
