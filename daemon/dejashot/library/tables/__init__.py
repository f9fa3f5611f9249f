"""The tables of the library, by what they are about; `Library` holds one of each class."""
