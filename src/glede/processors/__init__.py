"""What is made of the blocks of a document before it is cut: one module for each modality."""
