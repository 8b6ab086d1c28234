"""The pure heart: a rule pack and a stream of deals give, by functions, a plan.

What lives here: values and functions on them. What may not: I/O, a clock, a log,
the environment, any library beyond Python's own. `now` is always a parameter.
"""
