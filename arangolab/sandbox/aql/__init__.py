"""AQL, as much of it as the sandbox knows."""
