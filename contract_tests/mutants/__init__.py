"""The scoreboard: seeded faults, one at a time, and which test catches each.

faults       the faults as data: what a user would suffer, and the edit
scoreboard   applies each to a scratch copy, runs the harness, and writes the table
"""
