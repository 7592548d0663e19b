"""The ICD-10-CM Official Guidelines for Coding and Reporting: their sections, and the codes that each speaks of."""
