"""The load generator: a process of its own, in which alone gevent lives."""
