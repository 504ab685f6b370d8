"""What was seen, decided and done, and why: one SQLite file that outlives every crash.

Rows are only ever added. An intent is committed before the first byte of a write leaves, its
outcome is a row of its own, and what is still open is one row a site in a table beside them.
One process writes (`writer`); people read through connections that cannot write (`reading`).
"""
