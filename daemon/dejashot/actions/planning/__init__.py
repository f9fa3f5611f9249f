"""What a plan is made of: which files go, stay or are refused, and where each goes. Nothing is touched here."""
