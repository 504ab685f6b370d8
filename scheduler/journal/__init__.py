"""What was seen, decided and done, and why: one SQLite file that outlives every crash.

Rows of the audit are only ever added, and each is linked to the one before it (`chain`); what was
read is sealed (`seals`) and thinned after 30 days (`thinning`). An intent is committed before the
first byte of a write leaves, its outcome is a row of its own, and what is still open is one row a
site in a table beside them. One process writes (`writer`); people read through connections that
cannot write (`reading`).
"""
