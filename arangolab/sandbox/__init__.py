"""The embedded stand-in for ArangoDB: a process of its own, refusing what it does not know."""
