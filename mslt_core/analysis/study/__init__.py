"""What a study says: how many source languages, which ones, and which claims hold."""
