"""statsd: the grammar of its lines, what an interval amounts to, and the server."""
