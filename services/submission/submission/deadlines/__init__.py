"""What is done when its time has come, whatever was stopped meanwhile."""
