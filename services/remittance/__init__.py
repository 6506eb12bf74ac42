"""Remittance: balance and post what the payer paid; stop what a person must look at."""
