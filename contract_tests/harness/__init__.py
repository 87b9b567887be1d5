"""Helpers of the contract tests. Helpers that unit tests share are in `tests/support`.

contract             the compiled contract and the supplied document, and validators of their schemas
operations           the operations and kinds of tasks of a document, with references resolved
samples              valid sample values of a schema
validation           the reference validator
boundary             each boundary of the contract as a request, with the statuses that are allowed for it
near_misses          responses that differ from a valid one in one place
newer_envelope       Kling's newer envelope, which the contract does not describe
hostile              the faults of a hostile gateway
strategies           Hypothesis strategies: valid input, and responses generated from the contract
provider             a run of schemathesis on a mock gateway, as data
schemathesis_hooks   hooks that `schemathesis.toml` loads
thresholds           the minimum counts of such a run
recorded_request     a request as data, so that a failed test can show it and send it again
pages                the operation that kkiai's text page describes
"""
