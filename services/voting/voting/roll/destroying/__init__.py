"""After the appeal period, nobody can tell any more who was on the roll of a round."""
