"""The report of a run: one page that works from disk, and failures as requests that can be sent again.

collected   what a run of pytest leaves to be reported
page        that, as HTML
replay      a failure, as a runnable pytest file
"""
