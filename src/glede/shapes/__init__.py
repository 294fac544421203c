"""The JSON that the command line prints and the server answers: written once, and the same from both."""
