"""Seeded faults: each is applied alone to a copy of the project, and some test must fail.

faults/          the faults as data, one file for each group
equivalents.yaml edits that no test can notice, with proofs
catalog          reads the faults and applies an edit
runner           applies one fault to a copy of the project and runs the tests
scoreboard       the command line: runs all faults and writes which test caught each
"""
