"""What officers do with projects: suspend, resume, withdraw, merge, split; and their work list."""
