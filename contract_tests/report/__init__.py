"""The report of a run: an HTML page that works from disk, and failed requests that can be sent again.

plugin      the pytest plugin that collects the results, also under pytest-xdist
collected   the results of a run: outcomes, the provider run, thresholds and seeded faults
page        the results as HTML
replay      a failed request as a runnable pytest file
"""
