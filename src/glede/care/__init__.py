"""Looks after what is stored: checks it, makes it again, takes it elsewhere, sets documents aside."""
