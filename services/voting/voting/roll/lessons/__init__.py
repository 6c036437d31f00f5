"""Classes with their teacher, declared by an officer: many who register at once are no burst."""
