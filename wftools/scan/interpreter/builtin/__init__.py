"""What is there without an import: types, their methods, functions, exceptions."""
