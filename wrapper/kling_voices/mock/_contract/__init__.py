"""The compiled contract: routes, parameters, request bodies, and responses built from schemas and examples."""
