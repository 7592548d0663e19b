"""What surrounds an account: notices to its reader."""
