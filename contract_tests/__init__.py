"""The contract-test harness: it checks that client, wrapper and mock gateway follow one contract.

harness          helpers of the tests
documents        the supplied documents against each other; the contract against known facts
provider         the mock gateway against the contract
consumer         both clients against the contract
client_and_mock  clients, mock gateway and contract against each other, in process
sockets          clients and mock gateway over real sockets
independent      tools of other projects on the contract, the mock gateway and the clients
mutants          seeded faults, and which test catches each
report           the results of a run as an HTML page
live             a real gateway against the contract; only on request
"""
