"""FHIR R4 out of what is recorded. Pure builders; `export.py` reads."""
