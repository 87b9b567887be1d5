"""The contract-test harness: client, wrapper and mock gateway, held to one contract."""
