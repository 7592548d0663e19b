"""Search: one box for codes, words, abbreviations, lay terms and typos over every loaded code set."""
