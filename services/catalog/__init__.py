"""What a code is and what is known of it, by release."""
