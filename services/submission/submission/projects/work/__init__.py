"""The work list: what is due first, and what changed since an officer's last visit."""
