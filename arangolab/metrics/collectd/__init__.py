"""collectd: started as a child, read from its files, or heard from another host."""
