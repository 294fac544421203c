"""`python -m glede` is `glede`."""

from glede.cli import main

main()
