"""What is to be added: found in folders, archives, e-mails and addresses, watched, and read."""
