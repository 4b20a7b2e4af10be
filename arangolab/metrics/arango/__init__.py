"""The server's own metrics: their names, the pages that tell them, and their sampling."""
