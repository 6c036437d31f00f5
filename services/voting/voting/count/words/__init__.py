"""The words behind commitments: kept until they are erased, never part of a decision."""
