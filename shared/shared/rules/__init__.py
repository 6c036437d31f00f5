"""Writing a rule: common ones by name, and what to know of one before a round opens."""
