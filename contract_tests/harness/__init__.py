"""What the contract tests are made of.

contract     the compiled contract, and validators of its own schemas
clients      either client behind one blocking call, over any handler of requests
served       the mock gateway on a real socket
strategies   valid input, and answers generated from the contract
provider     one run of schemathesis over a mock gateway, as data
gates        what such a run must have met, or it proved too little
boundary     each edge of the contract as a request, with what it must be answered with
error_table  which answer is which error, as data
pages        the operation that the text page of kkiai describes
"""
