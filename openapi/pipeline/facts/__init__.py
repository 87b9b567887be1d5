"""Known facts about operations that their pages do not state: added to the contract, and compared with every page."""
