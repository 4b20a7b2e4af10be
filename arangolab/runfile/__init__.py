"""The run file: one SQLite file per run."""
