"""The paper desk of the roll: who votes on paper is marked before, and gets no token any more."""
