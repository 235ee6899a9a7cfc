"""Use cases with which players verify that games are fair: seeds, past rounds, verification."""
