"""The bodies that decide money, admit projects to the next step, or give an opinion: which projects
they are given. What they decided is in `labelling.grants`."""
