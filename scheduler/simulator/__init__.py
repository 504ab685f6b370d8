"""A home that never was, and the gateway that speaks for it.

The demo, the tests and anybody's client talk to it as to a real one: every answer comes from the
state of the simulated home. Nothing that steers a real house imports this package.
"""
