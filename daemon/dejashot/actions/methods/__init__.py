"""How decisions are applied, a file for each method.

A new one takes a value of `ApplyMethod`, a file here with `apply` and `revert`, and a row in each of three tables:
`registry.ACTION_METHODS`, `wording.WORDING` and `planning.planner.PLANNERS`.
"""
