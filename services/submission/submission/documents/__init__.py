"""Documents of a project: files that are taken apart, written anew, kept, and handed out."""
