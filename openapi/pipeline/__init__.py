"""From the supplied documents to `generated/`, one idea a module.

Reading
documents   read and validate an OpenAPI document
pages       a page as a gateway publishes it
downgrade   OpenAPI 3.1 lowered to 3.0
rooting     what servers have before a path belongs to the path
expressible what generated code could not do is refused

Taking in
identity    which operation is which, though it has moved
digests     prove that the supplied documents are what was supplied
store       the folder of supplied documents, and where a page is put
update      all of the taking in, in a scratch folder

Building
normal      what tools ignore or stumble over is dropped
merge       several documents into one
overlay     apply an OpenAPI Overlay 1.0; an action that matches nothing is an error
names       readable names for operations that nobody has named
numbering   a name that is still free
filling     what companions know, kept in the contract
contract    raise the overlaid document to OpenAPI 3.1, whose schemas are plain JSON Schema
generator   run openapi-python-client into a temporary folder
build       all of the building, in order
tree        compare folders, and replace them, all or none

Telling
meaning     what a description means, apart from how it is put
changes     what differs between two descriptions of an operation
effects     for whom a change breaks
gaps        the ledger of what the supplied documents leave out
report      all of it, for people and as JSON
"""
