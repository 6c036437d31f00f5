"""Who has which part in a project, as its carrier says it."""
