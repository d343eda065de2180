"""Result files of laboratories, read and written: csv, xlsx, JSON, HL7 v2. Pure: knows no database."""
