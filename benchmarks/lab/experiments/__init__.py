"""One module per kind of scenario: runs it and says what was seen."""
