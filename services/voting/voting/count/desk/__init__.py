"""The returning officer's desk: from frozen options to signed agreements."""
