"""Benchmarks: ratios between two things that are measured alternately in one run.

measure          measuring two things alternately; medians, spread and ratios
response_server  a loopback server that answers every create with the same response
one_call         one create: processor time on a mock transport, elapsed time on loopback
many_calls       5,000 creates at concurrency 64
startup          importing the package, and the command line's help
mock_server      the mock gateway's server compared with Prism
processes        servers of other projects, as child processes
growth           time and memory as the number of creates grows, with a plot
table            the results as Markdown and JSON, and the comparison of two runs
"""
