"""The counting rules, one module each: pure, exact, in integers only."""
