"""What a source has to say in words."""

Note = tuple[str, str]
"""(kind of event, text); kinds: note, warning, error, left_out."""
