"""Terminology for health IT: FHIR R4 operations over the code sets. The rules stay where they are; this speaks FHIR."""
