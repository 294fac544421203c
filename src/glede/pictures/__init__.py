"""Pictures compared, put in context, and shown to models."""
