"""What the contract tests are made of.

contract    the compiled contract, and validators of its own schemas
clients     either client behind one blocking call, over any handler of requests
strategies  valid input, and answers generated from the contract
provider    one run of schemathesis over the mock gateway, as data
pages       the operation that the text page of kkiai describes
"""
