"""Helpers of the contract tests. Helpers that unit tests share are in `tests/support`.

contract          the compiled contract, and validators of its schemas
strategies        valid input, and responses generated from the contract
provider          one run of schemathesis over a mock gateway, as data
thresholds        the minimum counts of such a run
boundary          each boundary of the contract as a request, with the statuses that are allowed for it
recorded_request  a request as data, so that a failed test can show it and send it again
pages             the operation that kkiai's text page describes
"""
