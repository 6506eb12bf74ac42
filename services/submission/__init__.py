"""Submission: one file a batch, sent once; what comes back is matched to claims."""
