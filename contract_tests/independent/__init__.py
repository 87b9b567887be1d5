"""Tools of other projects on the contract, the mock gateway and the clients. A test skips if its tool is missing."""
