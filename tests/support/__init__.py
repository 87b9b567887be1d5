"""Helpers that unit tests and contract tests share. Nothing here imports `contract_tests`.

clients              every client behind one blocking call, over a handler function
last_request         the last request that one of these clients sent
relay                an aiohttp transport that sends requests over loopback to a handler in this process
servers              a mock gateway, or any function, on a loopback socket
threads              an asynchronous context manager, held open in a thread
error_table          the responses of gateways, and the error that each becomes
repository           folders of the repository, and the compiled contract
hypothesis_profiles  settings of Hypothesis
generated_once       generate the package of each document once in a process
"""
