"""The commands of `comptoir`, one module each; `comptoir.cli` registers them."""
