"""Where samples come from: statsd, /proc, the server's own metrics."""
