"""From the supplied documents to `generated/`, one step a module.

documents   read and validate an OpenAPI document
digests     prove that the supplied documents are what was supplied
merge       supplied operations and companions into one document; a supplied one wins
overlay     apply an OpenAPI Overlay 1.0; an action that matches nothing is an error
contract    raise the overlaid document to OpenAPI 3.1, whose schemas are plain JSON Schema
generator   run openapi-python-client into a temporary folder
tree        compare two folders, and replace one by the other
build       all of the above, in order
gaps        the ledger of what the supplied document leaves out
"""
