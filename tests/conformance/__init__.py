"""How much of a real server's recorded behaviour the sandbox reproduces.

Recordings are no part of the project; they are read from the folder ARANGOLAB_GOLDEN (default
../shared/golden beside the project).  Without it the tests skip.
"""
