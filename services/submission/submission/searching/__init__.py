"""Finding projects: by what their carriers wrote, and by what the charter names."""
