"""How fast it is, as ratios between two things that are measured in one run, one after the other in turns.

measure     rounds, medians, spread and ratios
canned      a server on loopback that answers every create the same, as fast as Python can
one_call    one create: processor time on a mock transport, time on loopback
many_calls  5,000 creates at concurrency 64
startup     importing, and the command line's help
serving     the mock server against Prism
servers     servers of others, as processes beside this one
growth      time and memory as creates grow in number, with a plot
profiling   where the microseconds of one call go, and what the floor is
table       the table, the JSON, and the comparison of two runs
"""
