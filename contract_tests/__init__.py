"""The contract-test harness: client, wrapper and mock gateway, held to one contract.

harness    what the tests are made of
documents  the supplied documents, to each other; the contract, to what is known
provider   the mock gateway, to the contract
consumer   both clients, to the contract
together   SDK, mock gateway and contract, to each other
wire       client and mock gateway, over real sockets
mutants    seeded faults, and which test catches each
report     a run as one page
live       a real gateway, to the contract; opt-in
"""
