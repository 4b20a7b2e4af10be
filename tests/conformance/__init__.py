"""How much of a real server's recorded behaviour the sandbox reproduces.

Recordings are no part of the project; they are read from the folder that ARANGOLAB_GOLDEN
names, by default a folder shared/golden beside the checkout.  Without it the tests skip.
"""
