"""collectd: its configuration, its process, its files and packets."""
