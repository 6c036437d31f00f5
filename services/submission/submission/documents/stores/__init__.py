"""Where the bytes of documents are: PostgreSQL, or a store that speaks S3."""
