"""Pages with operations that the project does not know: each brings its own tests.

pages/    two kinds of tasks, one under a v2 path with status 202; other operations, one with an optional body
"""
