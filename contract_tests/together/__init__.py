"""SDK, mock gateway and contract, held to each other."""
