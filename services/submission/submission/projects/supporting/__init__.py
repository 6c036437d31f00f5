"""Supporting an idea: residents do so once each, and who they are is not said."""
