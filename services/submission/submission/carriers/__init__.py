"""Who carries an idea: whom to tell, what is hers, and what she has erased."""
