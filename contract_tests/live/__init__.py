"""The contract against a real gateway, for users with a key: `nox -s live -- --gateway kkiai`.

probes    the requests, and the responses that the contract allows
findings  sends them, and reports each deviation with its request and response, without secrets
__main__  the command line
"""
