"""The contract on a real gateway, for who has a key: `nox -s live -- --gateway kkiai`.

probes    what is sent, and what the contract foresees for it
findings  where an answer deviates: a fact to learn, with the exchange, without secrets
__main__  the command line
"""
